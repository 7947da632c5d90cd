import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import type { ConfigFault, ConfigPath } from './faults.ts';

/** Aliases that a file may resolve to; more is an attempt to blow it up. */
const ALIASES_MAX = 100;

/** Line and column from 1; `null` where the file has no such place. */
export interface YamlPlace {
  readonly line: number | null;
  readonly column: number | null;
}

/** A YAML text: its content, and where in the text each part of it stands. */
export interface YamlFile {
  /** `undefined` when the text cannot be read; `null` for an empty file. */
  readonly content: unknown;
  /** What is wrong with it as YAML. */
  readonly faults: ReadonlyArray<ConfigFault>;
  valueAt(path: ConfigPath): unknown;
  /** Where the value stands, or its key; where there is none, the nearest place around it. */
  placeOf(path: ConfigPath, isKey: boolean): YamlPlace;
}

/** Reads a YAML 1.2 text. Keys given twice, unknown tags and more than one document are faults. */
export function readYaml(text: string): YamlFile {
  const lines = new LineCounter();
  const placeAt = (offset: number): YamlPlace => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  try {
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
    const faults = [...document.errors, ...document.warnings].map(({ code, message, pos }) => ({
      path: '',
      ...(SAID_OF[code] ?? {
        found: message.charAt(0).toLowerCase() + message.slice(1),
        allowed: 'one YAML 1.2 document without tags',
      }),
      ...placeAt(pos[0]),
    }));
    // A key that stands twice leaves the rest readable, so that its other faults can be told as well.
    const isReadable = document.errors.every(({ code }) => code === 'DUPLICATE_KEY');
    const content: unknown = isReadable ? document.toJS({ maxAliasCount: ALIASES_MAX }) : undefined;
    return {
      content,
      faults,
      valueAt: (path) => path.reduce(stepInto, content),
      placeOf(path, isKey) {
        const resolve = (node: MaybeNode) => (isAlias(node) ? node.resolve(document) : node);
        const offset = offsetOf(path, isKey, document.contents, resolve);
        return offset === null ? { line: null, column: null } : placeAt(offset);
      },
    };
  } catch {
    // The composer recurses, and expanding aliases throws: neither says where.
    const found = `aliases beyond ${ALIASES_MAX}, or nesting too deep to read`;
    return {
      content: undefined,
      faults: [{ path: '', found, allowed: 'a plain YAML 1.2 document', line: null, column: null }],
      valueAt: () => undefined,
      placeOf: () => ({ line: null, column: null }),
    };
  }
}

/** Where the library speaks to programmers, we speak to whoever wrote the file. */
const SAID_OF: Readonly<Record<string, { readonly found: string; readonly allowed: string }>> = {
  DUPLICATE_KEY: { found: 'a key that stands here a second time', allowed: 'each key once in its map' },
  MULTIPLE_DOCS: { found: 'a second document', allowed: 'one YAML document, without further ---' },
};

function stepInto(value: unknown, step: string | number): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
  return (value as Readonly<Record<string | number, unknown>>)[step];
}

type MaybeNode = Node | null | undefined;

/** Offset in the text of the path's value, or of its key, or of the last thing on the way to it. */
function offsetOf(
  path: ConfigPath,
  isKey: boolean,
  root: unknown,
  resolve: (node: MaybeNode) => MaybeNode,
): number | null {
  let node = root as MaybeNode;
  let offset = node?.range?.[0] ?? null;
  for (const [index, step] of path.entries()) {
    const inside = resolve(node);
    if (isSeq(inside)) {
      node = inside.items[Number(step)] as MaybeNode;
    } else if (isMap(inside)) {
      const pair = inside.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
      offset = (pair?.key as MaybeNode)?.range?.[0] ?? offset;
      if (isKey && index === path.length - 1) return offset;
      node = pair?.value as MaybeNode;
    } else {
      return offset;
    }
    if (node === null || node === undefined) return offset;
    offset = isEmpty(node) ? offset : (node.range?.[0] ?? offset);
  }
  return offset;
}

/** A key without value has an empty scalar somewhere behind its colon; the key is the better place. */
function isEmpty(node: Node): boolean {
  return isScalar(node) && node.value === null && node.source === '';
}
