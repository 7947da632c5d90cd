import { ESS_VERSION } from '../../../shared/adapters/alibaba/ess-gateway.ts';
import type { Config } from '../../../shared/config/load.ts';
import type { Call, Finding, Severity, Where } from '../doctor/model.ts';
import { renderTable, wrapped } from '../table.ts';
import type { Colors } from '../terminal.ts';

/** Columns of a text in the table; what cannot be cut, such as an ARN, may stand out. */
const TEXT_COLUMNS = 60;

/** The findings for people: a table, and the calls that would put things right, ready to be sent. */
export function describeFindings(
  { regionId, bindings, pairs }: Config,
  findings: ReadonlyArray<Finding>,
  notes: ReadonlyArray<string>,
  colors: Colors,
): string {
  const calls = findings.flatMap(({ call }) => (call === null ? [] : [call]));
  let number = 0;
  const rows = findings.map(({ severity, where, found, fix, call }) => {
    const reference = call === null ? '' : ` (call ${++number})`;
    return [
      colorOf(severity, colors)(severity),
      describeWhere(where),
      wrapped(found, TEXT_COLUMNS),
      fix === null ? '' : wrapped(`${fix}${reference}`, TEXT_COLUMNS),
    ];
  });
  const count = (severity: Severity) => findings.filter((finding) => finding.severity === severity).length;
  return [
    `${regionId}, ${plural(bindings.length, 'binding')}${pairs.length === 0 ? '' : `, ${plural(pairs.length, 'pair')}`}`,
    renderTable(['', 'where', 'found', 'what to do'], rows, colors),
    ...calls.map((call, index) => `call ${index + 1}: ${describeCall(call)}`),
    ...notes,
    `${plural(count('error'), 'error')}, ${plural(count('warning'), 'warning')}, ${count('ok')} well`,
    '',
  ].join('\n');
}

/** As the vendor's command line takes it; by itself it speaks Auto Scaling's older version, with other names. */
function describeCall({ api, parameters }: Call): string {
  const flat = flattened(parameters, '').map(([name, value]) => `--${name} ${value}`);
  return ['aliyun ess', api, ...flat, `--version ${ESS_VERSION}`, '--force'].join(' ');
}

function flattened(value: unknown, name: string): ReadonlyArray<readonly [string, string]> {
  if (typeof value !== 'object' || value === null) return [[name, String(value)]];
  const entries = Array.isArray(value)
    ? value.map((item, index) => [String(index + 1), item] as const)
    : Object.entries(value);
  return entries.flatMap(([key, item]) => flattened(item, name === '' ? key : `${name}.${key}`));
}

const LABELS: Readonly<Record<keyof Where, string>> = {
  file: '',
  binding: 'binding ',
  pair: 'pair ',
  listener: '',
  loadBalancer: '',
  vServerGroup: '',
  pairGroup: '',
  scalingGroup: '',
  hook: 'hook ',
  table: 'table ',
};

function describeWhere(where: Where): string {
  const names = Object.keys(LABELS) as ReadonlyArray<keyof Where>;
  return names
    .flatMap((name) => (where[name] === undefined ? [] : [`${LABELS[name]}${where[name]}`]))
    .join('\n');
}

function colorOf(severity: Severity, { red, yellow, green }: Colors): (text: string) => string {
  return { error: red, warning: yellow, ok: green }[severity];
}

function plural(count: number, word: string): string {
  return count === 1 ? `1 ${word}` : `${count} ${word}s`;
}
