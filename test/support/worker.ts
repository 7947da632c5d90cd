import type { AccessKey } from '../../shared/access-key.ts';
import { createProduction, type Production } from '../../shared/adapters/production.ts';
import type { Binding } from '../../shared/config/binding.ts';
import { type Endpoint, parseEndpoint } from '../../shared/config/endpoints.ts';
import type { Pair } from '../../shared/config/pair.ts';
import type { RequestPolicy } from '../../shared/config/requests.ts';
import type { Timing } from '../../shared/config/timing.ts';
import type { Logger } from '../../shared/logger.ts';
import { RECONCILE_FUNCTION } from '../../shared/sweep/model.ts';
import { ASSUME, LIMITS, MAINTENANCE, REQUESTS, SCALING, SWEEP } from './builders.ts';

/** What a worker is made from; plain data, so that it can be handed to another process. */
export interface WorkerSettings {
  readonly accountId: string;
  readonly regionId: string;
  readonly accessKey: AccessKey;
  readonly otsInstance: string;
  readonly endpoints: Readonly<Record<'slb' | 'ecs' | 'ess' | 'eci' | 'cms' | 'ots' | 'mns' | 'fc', string>>;
  readonly bindings: ReadonlyArray<Binding>;
  readonly pairs?: ReadonlyArray<Pair>;
  readonly requests?: RequestPolicy;
  readonly timing: Timing;
}

/** A worker on the real adapters, with clients of its own. It says nothing: tests look at the clouds, not at logs. */
export function createWorker(settings: WorkerSettings): Production {
  const { accountId, regionId, accessKey, otsInstance, bindings, pairs = [], requests, timing } = settings;
  const { slb, ecs, ess, eci, cms, ots, mns, fc } = settings.endpoints;
  return createProduction({
    config: {
      version: 1,
      regionId,
      bindings,
      pairs,
      timing,
      limits: LIMITS,
      maintenance: MAINTENANCE,
      sweep: SWEEP,
      scaling: SCALING,
      requests: requests ?? REQUESTS,
      assume: ASSUME,
    },
    environment: {
      accountId,
      regionId,
      endpoints: {
        slb: at(slb),
        ecs: at(ecs),
        ess: at(ess),
        eci: at(eci),
        cms: at(cms),
        ots: at(ots),
        mns: at(mns),
        fc: at(fc),
      },
      otsInstance,
      reconcileFunction: RECONCILE_FUNCTION,
      configPath: '',
    },
    accessKey: () => accessKey,
    logger: silentLogger,
  });
}

const silentLogger: Logger = { info: () => {}, warn: () => {}, error: () => {} };

function at(url: string): Endpoint {
  const endpoint = parseEndpoint(url);
  if (endpoint === null) throw new Error(`no endpoint: ${url}`);
  return endpoint;
}
