import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { FunctionHost } from '../../../../infra/local/host/function-host.ts';
import { fixture, hostWith } from './support.ts';

let host: FunctionHost | null = null;
afterEach(() => host?.close());

function start(...parameters: Parameters<typeof hostWith>) {
  const started = hostWith(...parameters);
  host = started.host;
  return started;
}

describe('errors of the function', () => {
  it('answers a throw with the unhandled error JSON of the vendor', async () => {
    const { run } = start();

    const { headers, json } = await run({ do: 'throw' });

    expect(headers['x-fc-error-type']).toBe('UnhandledInvocationError');
    expect(json()).toEqual({
      errorMessage: 'oops',
      errorType: 'TypeError',
      stackTrace: expect.arrayContaining(['TypeError: oops', expect.stringMatching(/^ {4}at .*index\.js:/)]),
    });
  });

  it('answers an error handed to the callback as handled, and the first answer wins', async () => {
    const { host } = start({ handler: 'index.callback' });
    const call = async (text: string) => {
      const { headers, body } = await host.invoke('worker', Buffer.from(text));
      return [headers['x-fc-error-type'], JSON.parse(body.toString())];
    };

    expect(await call('error')).toEqual([
      'HandledInvocationError',
      { errorMessage: 'handed over', errorType: 'Error', stackTrace: expect.any(Array) },
    ]);
    expect(await call('text')).toEqual([
      'HandledInvocationError',
      { errorMessage: 'just text', errorType: 'FunctionHandledError', stackTrace: [] },
    ]);
    expect(await call('fine')).toEqual([undefined, { got: 'fine' }]);
    expect((await host.invoke('worker', Buffer.from('twice'))).body.toString()).toBe('first');
  });

  it('lets a handler that never calls back run into its timeout', async () => {
    const { host } = start({ handler: 'index.callback', timeoutSeconds: 1 });

    const { headers, body } = await host.invoke('worker', Buffer.from('silence'));

    expect(headers['x-fc-error-type']).toBe('UnhandledInvocationError');
    expect(body.toString()).toMatch(
      /^\{"errorMessage":"Function timed out after 1 seconds \(maxMemoryUsage: \d+(\.\d{1,2})?MB\)"\}$/,
    );
  });

  it.each([
    ['reject-text', 'FunctionUnhandledError', 'just text'],
    ['throw-later', 'RangeError', 'later'],
    ['forget-rejection', 'Error', 'nobody waits'],
    ['circular', 'TypeError', expect.stringContaining('circular')],
  ])('answers %s as unhandled', async (action, errorType, errorMessage) => {
    const { run } = start();

    const { headers, json } = await run({ do: action });

    expect(headers['x-fc-error-type']).toBe('UnhandledInvocationError');
    expect(json()).toMatchObject({ errorType, errorMessage, stackTrace: expect.any(Array) });
  });

  it.each([
    ["require('left-out-of-the-bundle');", 'ImportModuleError', /left-out-of-the-bundle/],
    ['exports.handler = async () => {;', 'UserCodeSyntaxError', /Unexpected end of input/],
    ["require('vitest');", 'ImportModuleError', /vitest/],
  ])('answers code that does not load: %s', async (code, errorType, message) => {
    const codeFolder = mkdtempSync(join(tmpdir(), 'broken-function-'));
    writeFileSync(join(codeFolder, 'index.js'), code);
    const { host } = start({ codeFolder });
    rmSync(codeFolder, { recursive: true });

    const { headers, body } = await host.invoke('worker', Buffer.from(''));

    expect(headers['x-fc-error-type']).toBe('UnhandledInvocationError');
    const error = JSON.parse(body.toString());
    expect(error).toMatchObject({ errorType, errorMessage: expect.stringMatching(message) });
  });

  it('answers a handler that is not exported', async () => {
    const { run } = start({ handler: 'index.absent' });

    expect((await run({ do: 'number' })).json()).toMatchObject({ errorType: 'HandlerNotFound' });
  });
});

describe('results', () => {
  it.each([
    ['nothing', ''],
    ['number', '42'],
  ])('turns %s into text', async (action, text) => {
    const { run } = start();

    expect((await run({ do: action })).text).toBe(text);
  });

  it('answers null for nothing under the switch', async () => {
    const { run } = start({}, {}, { switches: { fcEmptyResult: 'null-text' } });

    expect((await run({ do: 'nothing' })).text).toBe('null');
  });

  it('passes bytes through unchanged, up to 32 MB', async () => {
    const { host } = start({ handler: 'index.echo' });
    const payload = Buffer.alloc(
      32 * 1024 * 1024,
      Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)),
    );

    const { body } = await host.invoke('worker', payload);

    expect(body.equals(payload)).toBe(true);
    await expect(host.invoke('worker', Buffer.alloc(payload.length + 1))).rejects.toMatchObject({
      status: 413,
      code: 'EntityTooLarge',
    });
  });
});

describe('modules', () => {
  it('loads .mjs and module packages, and takes .js without a package.json as CommonJS', async () => {
    const { host } = start();
    host.deploy({ functionName: 'mjs', codeFolder: fixture('esm') });
    host.deploy({ functionName: 'package', codeFolder: fixture('esm-package') });

    const mjs = await host.invoke('mjs', Buffer.from('hello'));
    const inPackage = await host.invoke('package', Buffer.from(''));

    expect(JSON.parse(mjs.body.toString())).toEqual({ module: 'mjs', event: 'hello', isModule: true });
    expect(inPackage.body.toString()).toBe('from a module package');
  });
});
