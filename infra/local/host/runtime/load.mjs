import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';

/** The code cannot be loaded; `name` is what the runtime reports as `errorType`. */
class LoadError extends Error {
  constructor(name, message, cause) {
    super(message, { cause });
    this.name = name;
    if (cause?.stack) this.stack = cause.stack.replace(/^[A-Za-z]*Error/, name);
  }
}

function isModulePackage(codeFolder) {
  const path = join(codeFolder, 'package.json');
  return existsSync(path) && JSON.parse(readFileSync(path, 'utf8')).type === 'module';
}

function fileOf(codeFolder, name) {
  for (const extension of ['.js', '.mjs', '.cjs']) {
    const path = join(codeFolder, `${name}${extension}`);
    if (path.startsWith(codeFolder + sep) && existsSync(path)) return path;
  }
  throw new LoadError('ImportModuleError', `Cannot find module '${name}' in the function's code`);
}

async function loadFile(codeFolder, path) {
  const isModule = path.endsWith('.mjs') || (path.endsWith('.js') && isModulePackage(codeFolder));
  try {
    return isModule ? await import(pathToFileURL(path).href) : createRequire(path)(path);
  } catch (error) {
    if (error instanceof SyntaxError) throw new LoadError('UserCodeSyntaxError', error.message, error);
    if (error?.code === 'MODULE_NOT_FOUND' || error?.code === 'ERR_MODULE_NOT_FOUND') {
      throw new LoadError('ImportModuleError', error.message, error);
    }
    throw error;
  }
}

/**
 * The function that `file.export` names inside the code folder: CommonJS, or ESM by `.mjs` or the package's type.
 * @param {string} codeFolder
 * @param {string} handler
 * @returns {Promise<Function>}
 */
export async function load(codeFolder, handler) {
  const dot = handler.lastIndexOf('.');
  const exported = handler.slice(dot + 1);
  const loaded = await loadFile(codeFolder, fileOf(codeFolder, handler.slice(0, dot)));
  const found = loaded[exported] ?? loaded.default?.[exported];
  if (typeof found !== 'function') {
    throw new LoadError(
      'HandlerNotFound',
      `Handler '${exported}' is missing or is not a function in '${handler}'`,
    );
  }
  return found;
}
