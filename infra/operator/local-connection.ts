import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { PROJECT_FOLDER } from '../deploy/build.ts';
import type { LocalClouds } from '../local/clouds.ts';
import { controlTokenOf } from '../local/http/control/token.ts';
import { CommandError, EXIT_STATUS } from './exit-status.ts';

const LoopbackUrl = z.url({ protocol: /^http$/, hostname: /^(127\.0\.0\.1|localhost)$/ });

/** What a client of running local clouds needs: the line that `autopilot local --json` prints. */
export const LocalConnectionSchema = z.object({
  accountId: z.string(),
  region: z.string(),
  accessKeyId: z.string(),
  accessKeySecret: z.string(),
  /** The bearer token of the endpoint `control`. */
  controlToken: z.string(),
  otsInstance: z.string(),
  // Orders are for local clouds alone: elsewhere they would cost money.
  endpoints: z.object({
    slb: LoopbackUrl,
    ecs: LoopbackUrl,
    ess: LoopbackUrl,
    eci: LoopbackUrl,
    cms: LoopbackUrl,
    ots: LoopbackUrl,
    mns: LoopbackUrl,
    fc: LoopbackUrl,
    control: LoopbackUrl,
  }),
});
/** @see LocalConnectionSchema */
export type LocalConnection = z.infer<typeof LocalConnectionSchema>;

const NoteSchema = LocalConnectionSchema.extend({ pid: z.int().positive().optional() });
type Note = z.infer<typeof NoteSchema>;

/** Where running local clouds are noted for the commands of a second terminal. It holds a key: mode 0600. */
export const NOTE_FILE: string = join(PROJECT_FOLDER, '.autopilot', 'local.json');

/** The connection to the clouds, with their administrator's key. */
export function connectionOf({ foundation, tablestore, endpoints }: LocalClouds): LocalConnection {
  const { accountId, administrator } = foundation.identities;
  return {
    accountId,
    region: foundation.region,
    accessKeyId: administrator.accessKeyId,
    accessKeySecret: administrator.accessKeySecret,
    controlToken: controlTokenOf(administrator),
    otsInstance: tablestore.instanceName,
    endpoints,
  };
}

/** A note that this process has left, or not: another one's clouds were noted first and are running. */
export interface NoteLeft {
  /** `null` = the note is ours; else the process whose clouds commands go to. */
  readonly otherPid: number | null;
  /** Takes our note back. */
  remove(): void;
}

/** Leaves the note for others, unless clouds that are running have left theirs there. */
export function leaveNote(file: string, connection: LocalConnection): NoteLeft {
  const text = `${JSON.stringify({ ...connection, pid: process.pid })}\n`;
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  for (;;) {
    try {
      writeFileSync(file, text, { flag: 'wx', mode: 0o600 });
      return { otherPid: null, remove: () => removeOwn(file) };
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    const note = readNote(file);
    if (note?.pid !== undefined && note.pid !== process.pid && isRunning(note.pid)) {
      return { otherPid: note.pid, remove: () => {} };
    }
    rmSync(file, { force: true });
  }
}

/** The connection to the running clouds that the file tells of. Throws CommandError when there are none. */
export function findConnection(file: string): LocalConnection {
  const note = readNote(file);
  if (note === null) {
    throw new CommandError(
      EXIT_STATUS.failed,
      `No local clouds are running (nothing usable in ${file}). Start them with "npm start" or "npx autopilot local".`,
    );
  }
  const { pid, ...connection } = note;
  if (pid === undefined || isRunning(pid)) return connection;
  rmSync(file, { force: true });
  throw new CommandError(
    EXIT_STATUS.failed,
    `No local clouds are running: process ${pid}, which ${file} told of, is gone. Start them with "npm start" or "npx autopilot local".`,
  );
}

function removeOwn(file: string): void {
  if (readNote(file)?.pid === process.pid) rmSync(file, { force: true });
}

/** `null` = no file, or not one of ours. */
function readNote(file: string): Note | null {
  try {
    return NoteSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return null;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
