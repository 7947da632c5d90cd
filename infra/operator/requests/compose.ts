import { createHash } from 'node:crypto';
import { type ALL_INSTANCES, REQUEST_KIND } from '../../../shared/requests/document.ts';
import type { PlaceNames } from './faults.ts';

/** What the options of a command say; texts as they were typed, `undefined` = not said. */
export interface Said {
  readonly id?: string;
  readonly reason?: string;
  readonly notBefore?: string;
  readonly notAfter?: string;
  readonly dryRun?: true;
  readonly planHash?: string;
  readonly for?: string;
  readonly port?: ReadonlyArray<string>;
  readonly weight?: string;
  /** `i-bp1a=30`. */
  readonly weightOf?: ReadonlyArray<string>;
  readonly percent?: string;
  readonly guard?: string;
  readonly to?: string;
  readonly ignoreCoolDown?: true;
}

/** What is asked for, as the command names it: the kind, and the binding with its instances or the pair. */
export type Asked =
  | {
      readonly kind: string;
      readonly binding: string;
      readonly instances: ReadonlyArray<string> | typeof ALL_INSTANCES;
    }
  | { readonly kind: string; readonly pair: string };

/** What options are called that become members of the document. */
export const OPTION_NAMES: PlaceNames = {
  requestId: { name: '--id', example: '--id deploy-4711' },
  requestedBy: { name: '--as', example: '--as ci' },
  reason: { name: '--reason', example: '--reason "kernel update"' },
  notBefore: { name: '--not-before', example: '--not-before 2026-04-09T04:18:26Z' },
  notAfter: { name: '--not-after', example: '--not-after 2026-04-09T06:00:00Z' },
  planHash: { name: '--plan-hash', example: '--plan-hash, as a dry run tells it' },
  signature: { name: '--key-id', example: '--key-id ci-2026' },
  // Its members have names of their own; what is left are the two that exclude each other.
  change: { name: '--weight, --weight-of, --percent', example: '--weight 30' },
  'change.binding': { name: 'the binding', example: 'its name' },
  'change.pair': { name: 'the pair', example: 'its name' },
  'change.instances': { name: 'the instances', example: 'i-bp1ecr0000000005go2go' },
  'change.ports': { name: '--port', example: '--port 8080' },
  'change.for': { name: '--for', example: '--for 2h' },
  'change.weight': { name: '--weight', example: '--weight 30' },
  'change.weights': { name: '--weight-of', example: '--weight-of ecs.g7.large=50' },
  'change.percent': { name: '--percent', example: '--percent 50' },
  'change.guard': { name: '--guard', example: '--guard min-in-service' },
  'change.to': { name: '--to', example: '--to i-bp1ecr0000000005go2go' },
};

/** The document as it was asked for, without its signature; what is wrong with it is found by its schema. */
export function composeRequest(
  asked: Asked,
  said: Said,
  given: { readonly requestId: string; readonly requestedBy: string },
): Readonly<Record<string, unknown>> {
  return present({
    kind: REQUEST_KIND,
    version: 1,
    requestId: said.id ?? given.requestId,
    requestedBy: given.requestedBy,
    reason: said.reason,
    notBefore: said.notBefore,
    notAfter: said.notAfter,
    dryRun: said.dryRun,
    planHash: said.planHash,
    change: present({
      ...asked,
      ports: said.port?.map(numberIn),
      for: said.for,
      weight: numberIn(said.weight),
      weights: said.weightOf?.map(weightOf),
      percent: numberIn(said.percent),
      guard: said.guard,
      to: said.to,
      ignoreCoolDown: said.ignoreCoolDown,
    }),
  });
}

/** `cli-20260409T041826-x7k2`: when it was made, and something that no other one of that second has. */
export function newRequestId(nowMs: number, newId: string): string {
  const second = new Date(nowMs)
    .toISOString()
    .replace(/\.\d{3}Z$/, '')
    .replaceAll(/[-:]/g, '');
  const number = createHash('sha256').update(newId).digest().readUInt32BE(0) % 36 ** 4;
  return `cli-${second}-${number.toString(36).padStart(4, '0')}`;
}

/** `i-bp1a=30` as a member of the document: of an instance, an instance type (`ecs.…`) or else a zone. */
function weightOf(text: string): Readonly<Record<string, unknown>> {
  const at = text.lastIndexOf('=');
  const of = at < 0 ? text : text.slice(0, at);
  const weight = at < 0 ? undefined : numberIn(text.slice(at + 1));
  const name = of.startsWith('i-') ? 'instance' : of.startsWith('ecs.') ? 'instanceType' : 'zone';
  return present({ [name]: of, weight });
}

/** The number that was typed; any other text stays as it is, so that its fault can be told. */
function numberIn<Text extends string | undefined>(text: Text): number | Text {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : text;
}

function present(members: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}
