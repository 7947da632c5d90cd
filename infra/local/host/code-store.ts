import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudError } from '../world/errors.ts';

/** The uploaded code of one deployment. */
export interface StoredCode {
  readonly folder: string;
  /** Decimal text of 64 bits over the files' names and content, as `x-fc-code-checksum` carries it. */
  readonly checksum: string;
}

/** Copies of what was deployed. */
export interface CodeStore {
  /** Copies the folder. Throws CloudError `InvalidArgument` when it does not exist. */
  upload(functionName: string, codeFolder: string): StoredCode;
  remove(code: StoredCode): void;
  /** Removes every copy. */
  close(): void;
}

const PREFIX = 'slb-autopilot-code-';

/**
 * Copies in the temporary folder of the computer. A function sees its own package and nothing of the folders
 * around its source: a dependency that was left out of the bundle is missing here as it is in the cloud.
 */
export function createCodeStore(): CodeStore {
  removeLeftovers();
  const root = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
  // Ends Node's search for a package.json here, so that what lies above cannot make CommonJS code a module.
  writeFileSync(join(root, 'package.json'), '{}');
  let uploads = 0;
  return {
    upload(functionName, codeFolder) {
      if (!existsSync(codeFolder)) {
        throw new CloudError(400, 'InvalidArgument', `code folder ${codeFolder} does not exist`);
      }
      const folder = join(root, `${functionName.replace('$', '-')}-${++uploads}`);
      mkdirSync(folder);
      cpSync(codeFolder, folder, { recursive: true, dereference: true });
      return { folder, checksum: checksumOf(folder) };
    },
    remove: (code) => rmSync(code.folder, { recursive: true, force: true }),
    close: () => rmSync(root, { recursive: true, force: true }),
  };
}

function checksumOf(folder: string): string {
  const hash = createHash('sha256');
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const paths = files.map((file) => join(file.parentPath, file.name)).sort();
  for (const path of paths) hash.update(path.slice(folder.length)).update('\0').update(readFileSync(path));
  return hash.digest().readBigUInt64BE().toString();
}

/** Removes the copies of hosts that were killed. */
function removeLeftovers(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
