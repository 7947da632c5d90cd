import { basename } from 'node:path';
import { checkConfig } from './check.ts';
import { readConfigText } from './config-text.ts';
import { ConfigError } from './faults.ts';
import type { Config } from './load.ts';

/** Name of the configuration in the folder of a built function. */
export const BUILT_CONFIG_FILE = 'autopilot.json';

/**
 * What the build makes of the content of an `autopilot.yaml`: the same as JSON. The YAML library is a third of what a
 * start would otherwise read, and takes longer for a small file than all the checks.
 */
export function writeBuiltConfig(content: unknown): string {
  return `${JSON.stringify(content, null, 2)}\n`;
}

/**
 * The configuration at the start of a function: what the build wrote, or any `autopilot.yaml`. Throws `ConfigError` like
 * `loadConfig`.
 */
export async function openConfig(path: string): Promise<Config> {
  const text = readConfigText(path);
  const built = readBuilt(text, basename(path));
  if (built !== null) return built;
  const { readYaml } = await import('./yaml-file.ts');
  return checkConfig(readYaml(text), basename(path));
}

/**
 * `null` = another hand wrote it, or it has faults: reading it as YAML, which JSON is too, finds keys that stand twice
 * and says where a fault is.
 */
function readBuilt(text: string, fileName: string): Config | null {
  if (!text.startsWith('{')) return null;
  try {
    const content: unknown = JSON.parse(text);
    if (writeBuiltConfig(content) !== text) return null;
    const nowhere = { line: null, column: null };
    return checkConfig({ content, faults: [], valueAt: () => undefined, placeOf: () => nowhere }, fileName);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof ConfigError) return null;
    throw error;
  }
}
