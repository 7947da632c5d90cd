import { anError, type Facts, type Finding, fine, notChecked } from '../model.ts';

/** Whether the tables of the deployment are there, as far as the caller may read them. */
export function tableFindings({ tables }: Facts): ReadonlyArray<Finding> {
  if (!tables.isKnown) return [notChecked({}, { reason: `the tables: ${tables.reason}` })];
  const ofState = (state: (typeof tables.value)[number]['state']) =>
    tables.value.filter((table) => table.state === state).map(({ name }) => name);
  const present = ofState('present');
  return [
    ...ofState('missing').map((table) => {
      const found = 'there is no such table: no function can work';
      const fix = 'create or update the stack (infra/deploy/template.yaml)';
      return anError('table', { table }, found, fix);
    }),
    ...(present.length === 0 ? [] : [fine('table', {}, `the tables ${present.join(', ')} are there`)]),
  ];
}
