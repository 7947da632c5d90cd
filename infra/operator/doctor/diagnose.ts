import { listenerFindings } from './checks/listeners.ts';
import { groupFindings, loadBalancerFindings } from './checks/load-balancers.ts';
import { pairFindings } from './checks/pairs.ts';
import { scalingGroupFindings } from './checks/scaling-groups.ts';
import { selectorFindings } from './checks/selectors.ts';
import { tableFindings } from './checks/tables.ts';
import type { Facts, Finding, Severity } from './model.ts';

const WORST_FIRST: ReadonlyArray<Severity> = ['error', 'warning', 'ok'];

/** Every check over the facts; the worst come first. Pure. */
export function diagnose(facts: Facts): ReadonlyArray<Finding> {
  const findings = [
    ...loadBalancerFindings(facts),
    ...groupFindings(facts),
    ...listenerFindings(facts),
    ...pairFindings(facts),
    ...selectorFindings(facts),
    ...scalingGroupFindings(facts),
    ...tableFindings(facts),
  ];
  return WORST_FIRST.flatMap((severity) => findings.filter((finding) => finding.severity === severity));
}

/** What is not looked at, and so not said to be well. */
export function notesOn({ tables, config }: Pick<Facts, 'tables' | 'config'>): ReadonlyArray<string> {
  const forbidden = tables.isKnown
    ? tables.value.filter(({ state }) => state === 'forbidden').map(({ name }) => name)
    : [];
  return [
    ...(forbidden.length === 0
      ? []
      : [`Not looked at: the tables ${forbidden.join(', ')}, which this key may not read.`]),
    ...(config.pairs.length === 0
      ? []
      : [
          'Not looked at: whether CLB checks the health of a secondary (by default it does not, and nothing here counts on it), and whether standbys answer from where the functions are.',
        ]),
    'Not looked at: queues, event rules, functions and their triggers; `s info` and the stack’s state in ROS tell of them.',
  ];
}
