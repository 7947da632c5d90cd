import { DeploymentError, isMap } from './refusal.ts';

/** Variables of the process that deploys. */
export type Variables = Readonly<Record<string, string>>;

/** What the expressions of an s.yaml can refer to. */
export interface ExpressionScope {
  /** What `${env('NAME', 'default')}` reads. */
  readonly environment: Variables;
  /** What `${vars.name}` reads: the file's `vars`, as they stand there. */
  readonly vars: Readonly<Record<string, string>>;
}

const EXPRESSION = /\$\{([^}]*)\}/g;
const ENV = /^env\(\s*'([^']+)'\s*(?:,\s*'([^']*)'\s*)?\)$/;
const VARS = /^vars\.([\w-]+)$/;

/**
 * A part of an s.yaml with its expressions replaced, as far as Serverless Devs' expressions are used in ours. Throws
 * {@link DeploymentError} for any other, and for a variable without value and default.
 * @see https://github.com/Serverless-Devs/Serverless-Devs/blob/master/docs/zh/yaml.md
 */
export function resolveExpressions(part: unknown, scope: ExpressionScope): unknown {
  if (typeof part === 'string') return resolveText(part, scope, []);
  if (Array.isArray(part)) return part.map((item) => resolveExpressions(item, scope));
  if (!isMap(part)) return part;
  return Object.fromEntries(
    Object.entries(part).map(([key, value]) => [key, resolveExpressions(value, scope)]),
  );
}

/** `open` are the vars that are being replaced around this text. */
function resolveText(text: string, scope: ExpressionScope, open: ReadonlyArray<string>): string {
  return text.replace(EXPRESSION, (whole, inner: string) => {
    const expression = inner.trim();
    const env = ENV.exec(expression);
    if (env !== null) return variable(String(env[1]), env[2], scope);
    const name = VARS.exec(expression)?.[1];
    if (name !== undefined) return variableOfFile(name, scope, open);
    throw new DeploymentError(
      `s.yaml uses ${whole}, which the local deployment does not know: it knows env('NAME', 'default') and vars.name.`,
    );
  });
}

function variable(name: string, fallback: string | undefined, { environment }: ExpressionScope): string {
  const value = Object.hasOwn(environment, name) ? environment[name] : fallback;
  if (value !== undefined) return value;
  throw new DeploymentError(`s.yaml needs the variable ${name}, which is not set and has no default.`);
}

function variableOfFile(name: string, scope: ExpressionScope, open: ReadonlyArray<string>): string {
  const text = Object.hasOwn(scope.vars, name) ? scope.vars[name] : undefined;
  if (text === undefined)
    throw new DeploymentError(`s.yaml uses \${vars.${name}}, which its vars do not have.`);
  if (open.includes(name)) {
    throw new DeploymentError(
      `The vars of s.yaml refer to each other in a circle: ${[...open, name].join(', ')}.`,
    );
  }
  return resolveText(text, scope, [...open, name]);
}
