import { describe, expect, it } from 'vitest';
import { routesOf } from '../../../shared/load-balancers/routing.ts';

const rule = (place: string, ruleId = place) => {
  const slash = place.indexOf('/');
  const [domain, url] = slash < 0 ? [place, ''] : [place.slice(0, slash), place.slice(slash)];
  return { ruleId, name: '', domain, url, groupId: `rsp-${ruleId}` };
};
const ordered = (...places: ReadonlyArray<string>) =>
  routesOf({ rules: places.map((place) => rule(place)), groupId: 'rsp-own' }).map(
    (route) => route.rule?.ruleId ?? route.groupId,
  );

describe('the routes of a listener', () => {
  it('are the exact domain, then narrower wildcards, then wider ones, then any domain, then the rest', () => {
    expect(ordered('/a', '*.a.com', 'a.com', '*.b.a.com')).toEqual([
      'a.com',
      '*.b.a.com',
      '*.a.com',
      '/a',
      'rsp-own',
    ]);
  });

  it('of one domain have the longest URL first', () => {
    expect(ordered('a.com', 'a.com/abc', 'a.com/abcd')).toEqual([
      'a.com/abcd',
      'a.com/abc',
      'a.com',
      'rsp-own',
    ]);
  });

  it('do not depend on the order in which the rules were made', () => {
    const places = ['/a', '/bb', 'a.com/x', 'b.com', '*.a.com/yy', '*.a.com'];

    expect(ordered(...[...places].reverse())).toEqual(ordered(...places));
  });

  it('end with the default group where the listener has none of its own', () => {
    expect(routesOf({ rules: [], groupId: null })).toEqual([{ kind: 'default', rule: null, groupId: null }]);
  });
});
