import { describe, expect, it } from 'vitest';
import { formatPath } from '../../../shared/config/faults.ts';
import { resolveTags, tagFaults } from '../../../shared/config/tags.ts';

/** The faults as sentences, with room for as many tags as SLB has but two. */
function faultsOf(tags: unknown): ReadonlyArray<string> {
  return tagFaults(tags, ['group', 'tags'], 2).map(
    ({ path, found, allowed }) => `${formatPath(path)}: found ${found}, allowed is ${allowed}`,
  );
}

describe('tags of a group', () => {
  it.each([
    [
      'too many, with ours',
      Object.fromEntries(Array.from({ length: 19 }, (_, index) => [`k${index}`, ''])),
      'group.tags: found 19 tags, allowed is at most 18 tags',
    ],
    [
      'an empty key',
      { '': 'a' },
      'group.tags[""]: found a key of 0 characters, allowed is a key of 1 to 64 characters',
    ],
    [
      "one of the vendor's keys",
      { 'ACS:team': 'a' },
      'group.tags["ACS:team"]: found the key "ACS:team", allowed is a key that does not begin with aliyun or acs:',
    ],
    [
      'an address for a key',
      { 'see http://a': 'a' },
      'group.tags["see http://a"]: found the key "see http://a", allowed is a key without http:// and https://',
    ],
    [
      'one of our own keys',
      { 'slb-autopilot:pair': 'a' },
      'group.tags["slb-autopilot:pair"]: found the key "slb-autopilot:pair", allowed is a key that does not begin with slb-autopilot:, which are our own',
    ],
    [
      'a number for a value',
      { team: 7 },
      'group.tags.team: found 7, allowed is a text (in quotes where YAML sees something else), which may be empty',
    ],
    [
      'a value that is too long',
      { team: 'a'.repeat(129) },
      'group.tags.team: found a value of 129 characters, allowed is a value of at most 128 characters',
    ],
  ])('may not be %s', (_name, tags, sentence) => {
    expect(faultsOf(tags)).toEqual([sentence]);
  });

  it('are faulted all at once, each at its key', () => {
    expect(faultsOf({ aliyun: 'a', b: 'c', d: null })).toHaveLength(2);
  });

  it('may be as long and as many as SLB takes', () => {
    const tags = Object.fromEntries(
      Array.from({ length: 18 }, (_, index) => [`${'k'.repeat(62)}${index + 10}`, 'v'.repeat(128)]),
    );
    expect(faultsOf(tags)).toEqual([]);
    expect(faultsOf({ a: '' })).toEqual([]);
  });

  it('are sorted by key', () => {
    expect(resolveTags({ b: '2', a: '' })).toEqual([
      { key: 'a', value: '' },
      { key: 'b', value: '2' },
    ]);
    expect(resolveTags(undefined)).toEqual([]);
  });
});
