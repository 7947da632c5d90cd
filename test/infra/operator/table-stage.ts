import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import { DEPLOYMENT_FILES } from '../../../infra/deploy/files.ts';
import { type PolicyDocument, PolicyDocumentSchema } from '../../../infra/local/world/policy.ts';
import { connectionOf } from '../../../infra/operator/local-connection.ts';
import { parseConfig } from '../../../shared/config/load.ts';
import { GROUP, LB } from '../../support/builders.ts';
import { type Stage, setStage } from '../../support/stage.ts';
import { type Ended, temporaryFolder } from './autopilot.ts';
import { variablesOf } from './doctor/doctor-stage.ts';
import { runHere } from './run-here.ts';

/** Local clouds over HTTP with the product's tables and queues, and the command line. */
export interface TableStage {
  readonly stage: Stage;
  /** Runs a command with `--config` and `--local`. */
  run(...args: ReadonlyArray<string>): Promise<Ended>;
  /** The same on a terminal of so many columns, with colours. */
  runOnTerminal(columns: number, ...args: ReadonlyArray<string>): Promise<Ended>;
  /** The same with the key of a role that may do no more than these actions, or this policy. */
  runAllowed(allowed: ReadonlyArray<string> | PolicyDocument, ...args: ReadonlyArray<string>): Promise<Ended>;
  /** Calls to the tables and queues since this was called last: `ots GetRange`. */
  calls(): ReadonlyArray<string>;
}

/** The policy that is shipped for operators. */
export const OPERATOR_POLICY = PolicyDocumentSchema.parse(
  JSON.parse(readFileSync(DEPLOYMENT_FILES.operatorPolicy, 'utf8')),
);

/** Two bindings of instances tagged role=web: `web` on port 8080 and `metrics` on port 9100 of another group. */
const BINDINGS = [
  {
    name: 'web',
    loadBalancer: LB,
    vServerGroup: GROUP,
    selector: { tags: { role: 'web' } },
    ports: [{ port: 8080 }],
  },
  {
    name: 'metrics',
    loadBalancer: LB,
    vServerGroup: 'rsp-bp1metrics0001',
    selector: { tags: { role: 'web' } },
    ports: [{ port: 9100, weight: 50 }],
  },
];

/**
 * Sets the stage, until the test is over. `bindings` = how many of the two there are; `more` = what they say beside, such as
 * their type.
 */
export async function setTableStage({ bindings = 1, more = {} } = {}): Promise<TableStage> {
  const text = JSON.stringify({
    version: 1,
    region: 'cn-hangzhou',
    defaults: { readiness: 'running', drain: { time: '0s' } },
    // Other writers of tests do not wait.
    timing: { settle: '0s' },
    bindings: BINDINGS.slice(0, bindings).map((binding) => ({ ...binding, ...more })),
  });
  const stage = await setStage({ bindings: parseConfig(text, 'autopilot.yaml').bindings });
  onTestFinished(() => stage.close());
  const { clouds } = stage;
  const folder = temporaryFolder();
  const note = join(folder, 'note.json');
  writeFileSync(note, JSON.stringify(connectionOf(clouds)));
  const config = join(folder, 'autopilot.yaml');
  writeFileSync(config, text);
  const local = ['--config', config, '--local', '--note', note];
  let seen = 0;
  return {
    stage,
    run: (...args) => runHere([...args, ...local]),
    runOnTerminal: (columns, ...args) => runHere([...args, ...local], { columns, isInteractive: true }),
    async runAllowed(allowed, ...args) {
      const { identities } = clouds.foundation;
      const policy: PolicyDocument =
        'Statement' in allowed
          ? allowed
          : { Version: '1', Statement: [{ Effect: 'Allow', Action: [...allowed], Resource: ['*'] }] };
      identities.putRole('operator', [policy]);
      const key = identities.assumeRole('operator', 'test', 60_000);
      const variables = { ...variablesOf(clouds, key), MNS_ENDPOINT: clouds.endpoints.mns };
      for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
      try {
        return await runHere([...args, '--config', config]);
      } finally {
        vi.unstubAllEnvs();
      }
    },
    calls() {
      const records = clouds.foundation.gate.records.slice(seen);
      seen = clouds.foundation.gate.records.length;
      return records.map(({ product, action }) => `${product} ${action}`);
    },
  };
}
