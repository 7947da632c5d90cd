import { type ConfigPath, describeValue, type PathFault } from './faults.ts';
import { listAt, valueAt } from './raw-values.ts';

/** What requesters, their keys and the names that they may ask about must agree on. */
export function requestFaults(file: unknown): ReadonlyArray<PathFault> {
  const requests = valueAt(file, 'requests');
  const requesters = listAt(requests, 'requesters');
  const names = requesters.map((requester, index) => ({
    value: valueAt(requester, 'name'),
    path: [...PLACE, index, 'name'],
  }));
  const ofKeys = (member: 'id' | 'publicKey') =>
    requesters.flatMap((requester, index) =>
      listAt(requester, 'keys').map((key, keyIndex) => ({
        value: valueAt(key, member),
        path: [...PLACE, index, 'keys', keyIndex, member],
      })),
    );
  return [
    ...repeated(names, 'a name that no other requester has'),
    ...repeated(ofKeys('id'), 'an id that no other key has'),
    // Under another id a key would outlive its dates, and one person could approve as two.
    ...repeated(ofKeys('publicKey'), 'a public key that no other key is'),
    ...requesters.flatMap((requester, index) => unknownTargets(file, requester, index)),
    ...requesters.flatMap(backwardKeys),
    ...unsignedApprovals(file, requesters),
  ];
}

const PLACE = ['requests', 'requesters'] as const;

interface Placed {
  readonly value: unknown;
  readonly path: ConfigPath;
}

function repeated(values: ReadonlyArray<Placed>, allowed: string): ReadonlyArray<PathFault> {
  const seen = new Set<unknown>();
  return values.flatMap(({ value, path }) => {
    if (typeof value !== 'string') return [];
    const isRepeated = seen.has(value);
    seen.add(value);
    return isRepeated ? [{ path, found: `${describeValue(value)} for the second time`, allowed }] : [];
  });
}

/** A right on a name that nothing has is a mistake that would show only when it is needed. */
function unknownTargets(file: unknown, requester: unknown, index: number): ReadonlyArray<PathFault> {
  const known = new Set(
    [...listAt(file, 'bindings'), ...listAt(file, 'pairs')].map((each) => valueAt(each, 'name')),
  );
  return listAt(requester, 'on').flatMap((name, nameIndex) => {
    if (typeof name !== 'string' || known.has(name)) return [];
    const path = [...PLACE, index, 'on', nameIndex];
    return [{ path, found: describeValue(name), allowed: 'the name of a binding or a pair of this file' }];
  });
}

function backwardKeys(requester: unknown, index: number): ReadonlyArray<PathFault> {
  return listAt(requester, 'keys').flatMap((key, keyIndex) => {
    const from = valueAt(key, 'from');
    const until = valueAt(key, 'until');
    if (typeof from !== 'string' || typeof until !== 'string') return [];
    if (!(Date.parse(from) >= Date.parse(until))) return [];
    const path = [...PLACE, index, 'keys', keyIndex, 'until'];
    return [{ path, found: describeValue(until), allowed: `an instant after from, ${from}` }];
  });
}

/** Approving takes two people who can be told apart, so nobody could ever approve where nobody signs. */
function unsignedApprovals(file: unknown, requesters: ReadonlyArray<unknown>): ReadonlyArray<PathFault> {
  const mayApprove = requesters.some((requester) => listAt(requester, 'may').includes('approve'));
  if (mayApprove) return [];
  const allowed = 'none, or a requester in requests.requesters who may approve';
  const found = '"required", and nobody may approve';
  const ofBindings = listAt(file, 'bindings').map((binding, index) => ({
    value: valueAt(binding, 'approval'),
    path: ['bindings', index, 'approval'],
  }));
  const ofDefaults = {
    value: valueAt(valueAt(file, 'defaults'), 'approval'),
    path: ['defaults', 'approval'],
  };
  return [ofDefaults, ...ofBindings].flatMap(({ value, path }) =>
    value === 'required' ? [{ path, found, allowed }] : [],
  );
}
