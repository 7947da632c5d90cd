/**
 * Runs a built folder on bare Node, for measuring: `node run-function.cjs FOLDER initialize | once | serve`. The
 * request of `once` is in `BENCH_REQUEST`; `serve` takes requests from the parent process and answers what they cost.
 */
const { join } = require('node:path');

const [folder, mode] = process.argv.slice(2);
const { initialize, handler } = require(join(folder, 'index.js'));

async function once() {
  const { context, payload } = JSON.parse(process.env.BENCH_REQUEST);
  await initialize(context);
  await handler(Buffer.from(payload, 'base64'), context);
  process.exit(0);
}

function serve() {
  process.on('message', async ({ context, payload }) => {
    const before = process.cpuUsage();
    try {
      await handler(Buffer.from(payload, 'base64'), context);
    } catch (error) {
      process.send({ error: String(error?.stack ?? error) });
      return;
    }
    const { user, system } = process.cpuUsage(before);
    process.send({ cpuMs: (user + system) / 1_000 });
  });
  process.send('ready');
}

if (mode === 'initialize') initialize({ requestId: 'bench' });
else if (mode === 'once') once();
else initialize({ requestId: 'bench' }).then(serve);
