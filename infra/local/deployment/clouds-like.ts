import type { FunctionSettingsInput } from '../host/settings.ts';
import type { EventBridge } from '../world/eventbridge/event-bridge.ts';
import type { EventStreams } from '../world/eventbridge/event-streams.ts';
import type { Foundation } from '../world/foundation.ts';
import type { Mns } from '../world/mns/mns.ts';
import type { Tablestore } from '../world/tablestore/tablestore.ts';
import type { Timers } from '../world/timers/timers.ts';

/** What a deployment needs of the local clouds. */
export interface LocalCloudsLike {
  readonly foundation: Pick<Foundation, 'region' | 'identities'>;
  readonly tablestore: Pick<
    Tablestore,
    'instanceName' | 'listTable' | 'describeTable' | 'createTable' | 'updateTable'
  >;
  readonly mns: Pick<Mns, 'createQueue' | 'setQueueAttributes'>;
  readonly eventBridge: Pick<EventBridge, 'putRule'>;
  readonly eventStreams: Pick<EventStreams, 'putStream' | 'deleteStream' | 'listStreams'>;
  readonly timers: Pick<Timers, 'putTimer' | 'deleteTimer' | 'listTimers'>;
  readonly host: { deploy(settings: FunctionSettingsInput): unknown };
}
