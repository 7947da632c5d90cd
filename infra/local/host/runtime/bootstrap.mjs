/**
 * What runs inside a function instance: a process of bare Node that loads a built folder and serves the host's
 * requests one at a time, as the managed nodejs20 runtime does. Plain JavaScript, so that a start costs what it
 * costs in the cloud. It gets requests on descriptor 3, answers on 4, and ends when 5 closes.
 */
import { openThawedReceiver, receiveFrozen, send } from './channel.mjs';
import { current, installConsole, logger } from './console.mjs';
import { watchHost } from './lifeline.mjs';
import { load } from './load.mjs';
import { bytesOf, call, failureOf } from './outcome.mjs';

const LIFELINE_FD = 5;
const EXIT_STATUS = 129;
const nextTurn = globalThis.setImmediate;

function answer(outcome, body) {
  send({ type: 'result', maxMemoryKb: process.resourceUsage().maxRSS, ...outcome }, body);
}

function contextOf(given) {
  return { ...given, logger, waitsForEmptyEventLoopBeforeCallback: false };
}

/** Two turns of the loop bring its clock up to date and let what fell due while frozen happen, as after a thaw. */
async function thaw() {
  await new Promise((resolve) => nextTurn(resolve));
  await new Promise((resolve) => nextTurn(resolve));
}

async function serve(entry, settings, header, body) {
  const isHandler = header.type === 'invoke';
  const startedAt = performance.now();
  let outcome;
  try {
    const context = contextOf(header.context);
    const result = await call(entry, isHandler ? [body, context] : [context]);
    outcome = { ok: true, bytes: isHandler ? bytesOf(result, settings.emptyResult) : Buffer.alloc(0) };
  } catch (thrown) {
    const failure = failureOf(thrown);
    outcome = { ok: false, errorType: failure.errorType, bytes: failure.body };
  }
  const { bytes, ...rest } = outcome;
  answer({ ...rest, durationMs: performance.now() - startedAt }, bytes);
}

let isServing = false;
process.on('uncaughtException', (error) => {
  logger.error(error);
  if (isServing) {
    const failure = failureOf(error);
    answer({ ok: false, errorType: failure.errorType, isLast: true }, failure.body);
  }
  process.exit(EXIT_STATUS);
});

/**
 * The first frame: what to load and how to run. Each later one is `{type: 'invoke' | 'initialize' | 'preStop', context}`.
 * @type {{ requestId: string, codeFolder: string, handler: string, initializer: string | null,
 *   preStop: string | null, freeze: boolean, emptyResult: 'empty' | 'null-text' } | undefined}
 */
const settings = receiveFrozen()?.header;
if (!settings) process.exit();
installConsole();
current.requestId = settings.requestId;
watchHost(LIFELINE_FD);
process.chdir(settings.codeFolder);

const entries = {};
isServing = true;
try {
  entries.invoke = await load(settings.codeFolder, settings.handler);
  if (settings.initializer !== null)
    entries.initialize = await load(settings.codeFolder, settings.initializer);
  if (settings.preStop !== null) entries.preStop = await load(settings.codeFolder, settings.preStop);
  answer({ ok: true });
} catch (error) {
  const failure = failureOf(error);
  answer({ ok: false, errorType: failure.errorType, isLast: true }, failure.body);
  process.exit(EXIT_STATUS);
}

const receive = settings.freeze ? receiveFrozen : openThawedReceiver();
for (;;) {
  isServing = false;
  const frame = await receive();
  if (frame === null) process.kill(process.pid, 'SIGKILL');
  current.requestId = frame.header.context.requestId;
  isServing = true;
  if (settings.freeze) await thaw();
  await serve(entries[frame.header.type], settings, frame.header, frame.body);
}
