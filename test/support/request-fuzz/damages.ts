import { CORPUS } from './corpus.ts';
import type { Draw } from './draw.ts';
import { SIGNATURE_ALTERATIONS } from './signatures.ts';
import { memberAt, objectsIn, spotsIn, type Tree, token, treeOf } from './tree.ts';

/** Changes a document in place. It may find nothing to change. */
export type Damage = (document: Tree, draw: Draw) => void;

const NAMES = ['__proto__', 'constructor', 'prototype', 'toJSON', 'hasOwnProperty', 'polluted'];
const POISONS = ['{"polluted":1}', '{"prototype":{"polluted":1}}', '[]', 'null', '"x"'];
/** What takes the place of a value. */
const VALUES = [
  ...[
    'null',
    'true',
    '{}',
    '[]',
    '[[]]',
    '""',
    '" "',
    '"null"',
    '0',
    '-0',
    '-1',
    '1.0',
    '2e0',
    '1e1',
    '01',
    '+1',
  ],
  ...[
    '9007199254740993',
    '1e308',
    '1e999',
    '-1e999',
    '1e-400',
    '0.1',
    'NaN',
    'undefined',
    `${'9'.repeat(400)}`,
  ],
  ...[
    '"\\ud800"',
    '"a\\udfff"',
    '"\\u0000"',
    '"\\n"',
    '"\ufeff"',
    '"web\\n"',
    '"i-"',
    '"1e3h"',
    '"0s"',
    '"169h"',
  ],
  ...[
    '"2026-13-01T00:00:00Z"',
    '"9999-12-31T23:59:59Z"',
    '"__proto__"',
    "'x'",
    '{"$ref":"#"}',
    '"drain"',
    '65536',
  ],
];
const TWINS: ReadonlyArray<readonly [string, string]> = [
  ['e', 'е'],
  ['i', 'ı'],
  ['k', 'K'],
  ['a', 'ａ'],
  ['-', '‐'],
  ['o', 'o\u0301'],
  ['w', 'w\u200b'],
  ['1', '１'],
  ['s', 'ſ'],
];

/** A list of `depth` lists, one in the other, or of objects. */
function nested(depth: number, isOfObjects: boolean): Tree {
  return token(
    isOfObjects
      ? `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`
      : `${'['.repeat(depth)}${']'.repeat(depth)}`,
  );
}

function anotherTree(draw: Draw): Tree {
  return treeOf(draw.of(CORPUS).request);
}

function inSpot(document: Tree, draw: Draw, change: (tree: Tree) => Tree): void {
  const spots = spotsIn(document);
  if (spots.length === 0) return;
  const spot = draw.of(spots);
  spot.set(change(spot.get()));
}

/** Every damage to what a document says, by its name. */
export const DAMAGES: Readonly<Record<string, Damage>> = {
  'another value': (document, draw) => inSpot(document, draw, () => token(draw.of(VALUES))),
  'a member gone': (document, draw) => {
    const { members } = draw.of(objectsIn(document));
    members.splice(draw.below(members.length + 1), 1);
  },
  'a member twice': (document, draw) => {
    const { members } = draw.of(objectsIn(document));
    const member = members[draw.below(members.length)];
    if (member === undefined) return;
    const value = draw.oneIn(2) ? token(draw.of(VALUES)) : member.value;
    members.splice(draw.below(members.length + 1), 0, { name: member.name, value });
  },
  'a prototype': (document, draw) => {
    const { members } = draw.of(objectsIn(document));
    const name = JSON.stringify(draw.of(NAMES));
    members.splice(draw.below(members.length + 1), 0, { name, value: token(draw.of(POISONS)) });
  },
  'a prototype instead': (document, draw) =>
    inSpot(document, draw, (value) => ({
      kind: 'object',
      members: [{ name: JSON.stringify(draw.of(NAMES)), value }],
    })),
  'a value of another request': (document, draw) => {
    const other = draw.of(spotsIn(anotherTree(draw))).get();
    inSpot(document, draw, () => other);
  },
  'a member of another request': (document, draw) => {
    const path = draw.of([
      ['requestId'],
      ['reason'],
      ['change'],
      ['requestedBy'],
      ['notAfter'],
      ['change', 'kind'],
    ]);
    const mine = memberAt(document, ...path);
    const theirs = memberAt(anotherTree(draw), ...path);
    if (mine !== undefined && theirs !== undefined) mine.value = theirs.value;
  },
  'the signature of another request': (document, draw) => {
    const path = draw.of([['signature'], ['signature', 'value'], ['signature', 'keyId']]);
    const mine = memberAt(document, ...path);
    const theirs = memberAt(anotherTree(draw), ...path);
    if (mine !== undefined && theirs !== undefined) mine.value = theirs.value;
  },
  'another requester': (document, draw) => {
    const member = memberAt(document, 'requestedBy');
    if (member !== undefined) member.value = token(draw.of(['"ci"', '"ops"', '"nobody"', '"OPS"', '"ci "']));
  },
  'another key': (document, draw) => {
    const member = memberAt(document, 'signature', 'keyId');
    const ids = ['"ci-2026"', '"ci-2025"', '"ops-2026"', '"ops-2027"', '"root"', '"constructor"', '""'];
    if (member !== undefined) member.value = token(draw.of(ids));
  },
  'another signature': (document, draw) => {
    const member = memberAt(document, 'signature', 'value');
    if (member?.value.kind !== 'token' || !member.value.text.startsWith('"')) return;
    const value = member.value.text.slice(1, -1);
    const altered = draw.of(SIGNATURE_ALTERATIONS)(value, () => draw.below(1_000_000) / 1_000_000);
    member.value = token(JSON.stringify(altered));
  },
  'the signature for a name': (document, draw) => {
    const value = memberAt(document, 'signature', 'value')?.value;
    if (value?.kind !== 'token' || !value.text.startsWith('"')) return;
    const { members } = draw.of(objectsIn(document));
    members.unshift({ name: value.text, value: token('1') });
  },
  'no signature': (document) => {
    if (document.kind !== 'object') return;
    const at = document.members.findIndex(({ name }) => name === '"signature"');
    if (at >= 0) document.members.splice(at, 1);
  },
  nesting: (document, draw) =>
    inSpot(document, draw, () =>
      nested(draw.oneIn(100) ? 5_000 + draw.below(20_000) : 1 + draw.below(120), draw.oneIn(2)),
    ),
  'a twin of a letter': (document, draw) => {
    const [letter, twin] = draw.of(TWINS);
    const alter = (text: string) => text.replace(letter, twin);
    if (draw.oneIn(2))
      inSpot(document, draw, (tree) => (tree.kind === 'token' ? token(alter(tree.text)) : tree));
    else for (const member of draw.of(objectsIn(document)).members) member.name = alter(member.name);
  },
  'a text for a number, or the other way round': (document, draw) =>
    inSpot(document, draw, (tree) => {
      if (tree.kind !== 'token') return token(JSON.stringify(JSON.stringify(tree)));
      return token(tree.text.startsWith('"') ? tree.text.slice(1, -1) : `"${tree.text}"`);
    }),
  'too long': (document, draw) =>
    inSpot(document, draw, (tree) => {
      const length = draw.oneIn(1_000) ? 60_000 + draw.below(20_000) : 60 + draw.below(1_000);
      if (tree.kind === 'token') return token(`"${draw.of(['x', '😀', ' ', 'A', '9']).repeat(length)}"`);
      const item = draw.of(['0', '""', '{}', '"i-bp1a"']);
      return tree.kind === 'list'
        ? { kind: 'list', items: Array<Tree>(length >> 2).fill(token(item)) }
        : tree;
    }),
  'one more': (document, draw) => {
    const { members } = draw.of(objectsIn(document));
    members.push(...draw.of(objectsIn(anotherTree(draw))).members);
  },
};
