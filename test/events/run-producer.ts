import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** How a program ended. */
export interface Ended {
  /** `null` = by a signal. */
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

/** What a producer is run with. */
export interface ProducerRun {
  readonly args: ReadonlyArray<string>;
  /** What it reads from standard input. */
  readonly input: string | Buffer;
  readonly env: Readonly<Record<string, string>>;
}

const NEEDED = 'apt-get install -y --no-install-recommends curl jq openssl python3 python3-cryptography';
const PROGRAM_TIMEOUT_MS = 30_000;

/** Nothing of a proxy or a key of whoever runs the tests. */
const BARE = Object.fromEntries(
  ['PATH', 'HOME', 'PYENV_ROOT', 'PYENV_VERSION', 'LANG'].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
  }),
);

const PRODUCERS = fileURLToPath(new URL('../../events/producers/', import.meta.url));
/** The producers by their file, each as it is called. */
const COMMANDS: Readonly<Record<string, () => ReadonlyArray<string>>> = {
  'request.ts': () => [process.execPath, '--import', 'tsx', `${PRODUCERS}request.ts`],
  'request.py': () => [pythonWithCryptography(), `${PRODUCERS}request.py`],
  'request.sh': () => [needed('sh', ['curl', 'jq', 'openssl']), `${PRODUCERS}request.sh`],
};
/** The files of `events/producers`. */
export const PRODUCER_FILES = Object.keys(COMMANDS);

/** Runs one of them in a process of its own, in the repository's root, to its end. */
export function runProducer(file: string, { args, input, env }: ProducerRun): Promise<Ended> {
  const [command = '', ...before] = COMMANDS[file]?.() ?? [];
  return run(command, [...before, ...args], { ...BARE, ...env }, input);
}

/** Runs a line of the README in a shell, which may use `$1` for a folder; what it prints. */
export async function runLine(line: string, folder: string): Promise<string> {
  const ended = await run(needed('sh', ['openssl']), ['-euc', line, 'sh', folder], BARE, '');
  if (ended.status !== 0) throw new Error(`${line}: ${ended.err}`);
  return ended.out;
}

function run(
  command: string,
  args: ReadonlyArray<string>,
  env: Readonly<Record<string, string>>,
  input: string | Buffer,
): Promise<Ended> {
  return new Promise((resolve) => {
    const options = {
      env,
      timeout: PROGRAM_TIMEOUT_MS,
      cwd: fileURLToPath(new URL('../../', import.meta.url)),
    };
    const child = execFile(command, args, options, (_error, out, err) =>
      resolve({ status: child.exitCode, out, err }),
    );
    // One that fails before it reads closes its end.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}

function needed(command: string, tools: ReadonlyArray<string>): string {
  const missing = tools.filter((tool) => spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0);
  if (missing.length > 0) throw new Error(`these tests need ${missing.join(', ')}: ${NEEDED}`);
  return command;
}

let python: string | undefined;

/** The python3 in the path may be another one than the system's, which has the system's packages. */
function pythonWithCryptography(): string {
  python ??= ['python3', '/usr/bin/python3']
    .map((name) => spawnSync(name, ['-c', 'import cryptography, sys; print(sys.executable)'], { env: BARE }))
    .find(({ status }) => status === 0)
    ?.stdout.toString()
    .trim();
  if (python === undefined)
    throw new Error(`these tests need a python3 that imports cryptography: ${NEEDED}`);
  return python;
}
