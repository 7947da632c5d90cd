import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pc from 'picocolors';
import { onTestFinished } from 'vitest';
import { connectionOf } from '../../../../infra/operator/local-connection.ts';
import { main } from '../../../../infra/operator/program.ts';
import { QUEUES } from '../../../../shared/adapters/mns/queues.ts';
import { canonicalHash } from '../../../../shared/events/json.ts';
import { ChangeRequestSchema } from '../../../../shared/requests/document.ts';
import { type RequestRow, receivedRow } from '../../../../shared/requests/model.ts';
import { GROUP, LB } from '../../../support/builders.ts';
import { CI_KEY, OTHER_KEY } from '../../../support/requests.ts';
import { type Stage, setStage, until } from '../../../support/stage.ts';
import { type Ended, temporaryFolder } from '../autopilot.ts';

/** Real local clouds over HTTP, the command line, and what plays the function that takes requests in. */
export interface RequestStage {
  readonly stage: Stage;
  /** The file with the key of `ci`, who may drain; of `mei`, who may approve. */
  readonly keys: Readonly<Record<'ci' | 'mei', string>>;
  /** Runs a command with `--config` and `--local`, on a terminal of 100 columns without colours. */
  run(...args: ReadonlyArray<string>): Promise<Ended>;
  /** Takes the next request off its queue and writes the row that `answer` makes of it. */
  takeIn(answer: (row: RequestRow) => RequestRow): Promise<void>;
  /** The request that is on the queue and nobody has taken off. */
  queued(): ReadonlyArray<unknown>;
  /** Writes a row as the function would. */
  put(row: RequestRow): Promise<void>;
}

/** Sets the stage, until the test is over. */
export async function setRequestStage(): Promise<RequestStage> {
  const stage = await setStage();
  onTestFinished(() => stage.close());
  const { clouds } = stage;
  const folder = temporaryFolder();
  const write = (name: string, text: string) => {
    const file = join(folder, name);
    writeFileSync(file, text);
    return file;
  };
  const note = write('note.json', JSON.stringify(connectionOf(clouds)));
  const config = write('autopilot.yaml', JSON.stringify(configOf(clouds.foundation.region)));
  const pem = ({ privateKey }: typeof CI_KEY) => String(privateKey.export({ format: 'pem', type: 'pkcs8' }));
  const { requests } = stage.worker();
  const textOf = (body: string | Buffer) => Buffer.from(body.toString(), 'base64').toString('utf8');
  const take = () => clouds.mns.receiveMessages(QUEUES.changeRequests, { count: 1, waitSeconds: 0 });
  return {
    stage,
    keys: { ci: write('ci.pem', pem(CI_KEY)), mei: write('mei.pem', pem(OTHER_KEY)) },
    async run(...args) {
      const texts = { out: '', err: '' };
      const screen = (name: keyof typeof texts) => ({
        write: (written: string) => {
          texts[name] += written;
        },
        isInteractive: false,
        size: () => ({ columns: 100, rows: 40 }),
        colors: pc.createColors(false),
      });
      const place = ['--config', config, '--local', '--note', note];
      const status = await main([...args, ...place], { out: screen('out'), err: screen('err') });
      return { status, ...texts };
    },
    async takeIn(answer) {
      await until(() => clouds.mns.peekMessages(QUEUES.changeRequests, 1).length > 0);
      const [message] = await take();
      const request = ChangeRequestSchema.parse(JSON.parse(textOf(message?.body ?? '')));
      await requests.put([
        answer(receivedRow('req-binding-web', request, canonicalHash(request), Date.now())),
      ]);
    },
    queued: () =>
      clouds.mns.peekMessages(QUEUES.changeRequests, 16).map(({ body }) => JSON.parse(textOf(body))),
    put: (row) => requests.put([row]),
  };
}

function configOf(region: string): object {
  const key = (id: string, publicKey: string) => [{ id, publicKey }];
  return {
    version: 1,
    region,
    bindings: [
      {
        name: 'web',
        loadBalancer: LB,
        vServerGroup: GROUP,
        selector: { tags: { role: 'web' } },
        ports: [{ port: 8080, weight: 100 }],
      },
    ],
    requests: {
      requesters: [
        { name: 'ci', keys: key('ci-2026', CI_KEY.publicKey), may: ['drain', 'release-override'] },
        { name: 'mei', keys: key('mei-1', OTHER_KEY.publicKey), may: ['approve'] },
      ],
    },
  };
}
