// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are expressions of the files under test, not of JavaScript.
import { describe, expect, it } from 'vitest';
import { DeploymentError } from '../../../../infra/local/deployment/refusal.ts';
import { resolveExpressions } from '../../../../infra/local/deployment/service-expressions.ts';
import { readFunctions } from '../../../../infra/local/deployment/service-file.ts';

/** The content of an s.yaml with one function. */
function aFile(changes: { props?: object; template?: object; vars?: object; rest?: object } = {}) {
  return {
    edition: '3.0.0',
    name: 'shop',
    access: 'default',
    vars: { region: "${env('REGION', 'cn-hangzhou')}", ...changes.vars },
    actions: { 'pre-deploy': [{ run: 'npm run build', path: './' }] },
    template: {
      small: {
        region: '${vars.region}',
        runtime: 'nodejs20',
        handler: 'index.handler',
        cpu: 0.35,
        memorySize: 512,
        diskSize: 512,
        timeout: 60,
        role: 'acs:ram::1234567890123456:role/shop',
        environmentVariables: { STAGE: 'test', REGION: '${vars.region}' },
        ...changes.template,
      },
    },
    resources: {
      worker: {
        component: 'fc3@0.1.22',
        extend: { name: 'small' },
        props: { functionName: 'shop-worker', code: './dist/worker', ...changes.props },
      },
    },
    ...changes.rest,
  };
}

describe('the expressions of an s.yaml', () => {
  const resolve = (text: string, vars: Record<string, string> = {}) =>
    resolveExpressions(text, { environment: { REGION: 'cn-beijing', EMPTY: '' }, vars });

  it('read variables, with a default only for those that are not set', () => {
    expect(resolve("in ${env('REGION', 'cn-hangzhou')}, ${ env( 'STAGE' , 'test' ) }")).toBe(
      'in cn-beijing, test',
    );
    expect(resolve("<${env('EMPTY', 'full')}>")).toBe('<>');
  });

  it('read vars, which may read others', () => {
    const vars = { region: "${env('REGION')}", queue: 'queue-${vars.region}' };

    expect(resolve('${vars.queue}', vars)).toBe('queue-cn-beijing');
  });

  it.each([
    ["${env('STAGE')}", /variable STAGE, which is not set/],
    ['${vars.stage}', /vars\.stage}, which its vars do not have/],
    ['${vars.constructor}', /do not have/],
    ["${config('AccountID')}", /\$\{config\('AccountID'\)}, which the local deployment does not know/],
    ['${resources.a.output.x}', /does not know/],
    ['${a}', /does not know/],
  ])('refuses %s', (text, reason) => {
    expect(() => resolve(text)).toThrow(DeploymentError);
    expect(() => resolve(text)).toThrow(reason);
  });

  it('refuses vars that go round in a circle', () => {
    expect(() => resolve('${vars.a}', { a: '${vars.b}', b: '${vars.a}' })).toThrow(/circle: a, b, a/);
  });
});

describe('the functions of an s.yaml', () => {
  it('take from their template what they do not say, maps at every depth', () => {
    const props = { timeout: 90, environmentVariables: { STAGE: 'live' } };

    const worker = readFunctions(aFile({ props }), { REGION: 'cn-beijing' }).get('worker');

    expect(worker).toMatchObject({
      functionName: 'shop-worker',
      timeout: 90,
      region: 'cn-beijing',
      memorySize: 512,
    });
    expect(worker?.environmentVariables).toEqual({ STAGE: 'live', REGION: 'cn-beijing' });
  });

  it.each([
    ['a number as a variable', aFile({ props: { environmentVariables: { PORT: 80 } } }), /expected string/],
    ['a property it does not know', aFile({ props: { nasConfig: 'auto' } }), /Unrecognized key: "nasConfig"/],
    ['another runtime', aFile({ props: { runtime: 'python3.10' } }), /expected "nodejs20"/],
    ['a trigger of another type', aFile({ props: { triggers: [{ triggerType: 'http' }] } }), /triggerType/],
    [
      'a component without a version',
      aFile({ rest: { resources: { worker: { component: 'fc3', props: {} } } } }),
      /fc3/,
    ],
    [
      'a template that is not there',
      aFile({
        rest: { resources: { worker: { component: 'fc3@0.1.22', extend: { name: 'big' }, props: {} } } },
      }),
      /template big, which it does not have/,
    ],
    [
      'a list merged over a list',
      aFile({ template: { triggers: [] }, props: { triggers: [] } }),
      /how lists are merged/,
    ],
    ['a key of the file it does not know', aFile({ rest: { flow: {} } }), /Unrecognized key: "flow"/],
  ])('refuses %s', (_what, content, reason) => {
    expect(() => readFunctions(content, {})).toThrow(DeploymentError);
    expect(() => readFunctions(content, {})).toThrow(reason);
  });
});
