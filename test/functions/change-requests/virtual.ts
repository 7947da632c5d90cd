import { seededRandom } from '../../../infra/local/world/random.ts';
import { QUEUES } from '../../../shared/adapters/mns/queues.ts';
import type { ChangeRequest } from '../../../shared/requests/document.ts';
import { passUntilHolds, publishWithin, startSilently } from '../../bench/virtual/fleet.ts';
import { setVirtualStage, type VirtualStage, type VirtualStageOptions } from '../../bench/virtual/stage.ts';
import { CI_KEY, OTHER_KEY, signed } from '../../support/requests.ts';

export const GROUP = 'rsp-bp1web000001';
export const LOAD_BALANCER = 'lb-bp1orders0001';

/** A result as it stands on its queue. */
export interface ResultMessage {
  /** All of it, to the letter. */
  readonly text: string;
  readonly resultId: string;
  readonly requestId: string | null;
  readonly outcome: string;
  readonly code: string | null;
  readonly reason: string;
  readonly planHash: string | null;
  readonly plan: { readonly steps: ReadonlyArray<unknown>; readonly held: ReadonlyArray<string> } | null;
  readonly calls: ReadonlyArray<{ readonly requestIds: ReadonlyArray<string> }>;
  readonly isWhole: boolean;
}

/** The product on virtual time with instances in service, and two requesters: `ci`, and `ops`, who may approve. */
export async function setRequestStage(
  instances: number,
  binding: object = {},
  onDelivery: VirtualStageOptions['onDelivery'] = () => {},
): Promise<{ stage: VirtualStage; ids: ReadonlyArray<string> }> {
  const stage = await setVirtualStage({
    configuration: {
      version: 1,
      region: 'cn-hangzhou',
      bindings: [
        {
          name: 'web',
          loadBalancer: LOAD_BALANCER,
          vServerGroup: GROUP,
          selector: { tags: { role: 'web' } },
          ports: [{ port: 8080, weight: 100 }],
          drain: { time: '30s' },
          ...binding,
        },
      ],
      requests: {
        requesters: [
          { name: 'ci', keys: [{ id: 'ci-2026', publicKey: CI_KEY.publicKey }], may: EVERYTHING },
          { name: 'ops', keys: [{ id: 'ops-2026', publicKey: OTHER_KEY.publicKey }], may: EVERYTHING },
        ],
      },
    },
    latencyMs: 20,
    seed: 7,
    onDelivery,
  });
  const ids = await startSilently(stage, [{ count: instances, tags: { role: 'web' } }]);
  await publishWithin(stage, ids, 'Running', 1_000, seededRandom(7));
  await passUntilHolds(
    stage,
    120_000,
    () => weightsOf(stage).filter((weight) => weight === 100).length === instances,
  );
  await stage.pass(5_000);
  return { stage, ids };
}

const EVERYTHING = ['drain', 'remove', 'join', 'set-weight', 'release-override', 'lift-guard', 'approve'];

/** Puts requests, or any texts, onto the queue, all at once. */
export function put({ clouds }: VirtualStage, ...texts: ReadonlyArray<ChangeRequest | string>): void {
  for (const text of texts) {
    const plain = typeof text === 'string' ? text : JSON.stringify(text);
    const encoded = Buffer.from(plain).toString('base64');
    // A request that is too large fits into a message only as it is.
    const body = encoded.length <= MESSAGE_BYTES_MAX ? encoded : plain;
    clouds.mns.sendMessage(QUEUES.changeRequests, { body });
  }
}

/** MNS takes no longer one. */
const MESSAGE_BYTES_MAX = 64 * 1024;

/** The results that have come since they were last taken, in their order. */
export async function takeResults({ clouds }: VirtualStage): Promise<ReadonlyArray<ResultMessage>> {
  const results: Array<ResultMessage> = [];
  for (;;) {
    const messages = await clouds.mns.receiveMessages(QUEUES.results, { count: 16, waitSeconds: 0 });
    if (messages.length === 0) return results;
    results.push(...messages.map(({ body }) => readResult(body)));
    clouds.mns.deleteMessages(
      QUEUES.results,
      messages.map(({ receiptHandle }) => receiptHandle),
    );
  }
}

/** A result in the body of a message. */
export function readResult(body: string): ResultMessage {
  const text = Buffer.from(body, 'base64').toString('utf8');
  return { ...(JSON.parse(text) as Omit<ResultMessage, 'text'>), text };
}

/** The weight of each backend of the group. */
export function weightsOf({ clouds }: VirtualStage): ReadonlyArray<number> {
  return (clouds.slb.group(GROUP)?.backends ?? []).map(({ weight }) => weight);
}

/** The weight of an instance; `null` = the group does not list it. */
export function weightOf({ clouds }: VirtualStage, instanceId: string): number | null {
  return clouds.slb.group(GROUP)?.backends.find(({ serverId }) => serverId === instanceId)?.weight ?? null;
}

/** The request with a signature of `ops`. */
export function signedByOps(request: ChangeRequest): ChangeRequest {
  return signed({ ...request, requestedBy: 'ops' }, OTHER_KEY, 'ops-2026');
}
