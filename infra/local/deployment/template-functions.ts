import { DeploymentError, isMap } from './refusal.ts';

/** What the functions of a ROS template can refer to. Each throws {@link DeploymentError} for what there is not. */
export interface TemplateScope {
  /** The value of a parameter or pseudo parameter. */
  ref(name: string): unknown;
  /** The attribute of a resource, which exists from then on. */
  attribute(logicalId: string, name: string): string;
}

const PLACEHOLDER = /\$\{([^}]*)\}/g;

/**
 * A part of a ROS template with its functions evaluated: `Ref`, `Fn::GetAtt` and `Fn::Sub`, the ones in ours. Throws
 * {@link DeploymentError} for any other.
 * @see https://www.alibabacloud.com/help/en/ros/user-guide/functions
 */
export function evaluate(part: unknown, scope: TemplateScope): unknown {
  if (Array.isArray(part)) return part.map((item) => evaluate(item, scope));
  if (!isMap(part)) return part;
  const name = Object.keys(part).find((key) => key === 'Ref' || key.startsWith('Fn::'));
  if (name === undefined) {
    return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, evaluate(value, scope)]));
  }
  if (Object.keys(part).length > 1) {
    throw new DeploymentError(
      `template.yaml has ${name} beside other keys: ${Object.keys(part).join(', ')}.`,
    );
  }
  const argument = part[name];
  if (name === 'Ref') return reference(argument, scope);
  if (name === 'Fn::GetAtt') return attribute(argument, scope);
  if (name === 'Fn::Sub') return substitute(argument, scope);
  throw new DeploymentError(
    `template.yaml uses ${name}, which the local deployment does not know: it knows Ref, Fn::GetAtt and Fn::Sub.`,
  );
}

function reference(name: unknown, scope: TemplateScope): unknown {
  if (typeof name === 'string') return scope.ref(name);
  throw new DeploymentError('template.yaml has a Ref without a name.');
}

function attribute(argument: unknown, scope: TemplateScope): string {
  const [logicalId, name, ...rest]: ReadonlyArray<unknown> = Array.isArray(argument) ? argument : [];
  if (typeof logicalId === 'string' && typeof name === 'string' && rest.length === 0) {
    return scope.attribute(logicalId, name);
  }
  throw new DeploymentError(
    'template.yaml has an Fn::GetAtt that is not a list of a resource and an attribute.',
  );
}

/** Takes a text, or a text and a map of its own names. */
function substitute(argument: unknown, scope: TemplateScope): string {
  const [text, own = {}, ...rest]: ReadonlyArray<unknown> = Array.isArray(argument) ? argument : [argument];
  if (typeof text !== 'string' || !isMap(own) || rest.length > 0) {
    throw new DeploymentError('template.yaml has an Fn::Sub that is neither a text nor a text and a map.');
  }
  return text.replace(PLACEHOLDER, (whole, name: string) => {
    const value = Object.hasOwn(own, name) ? evaluate(own[name], scope) : scope.ref(name);
    if (typeof value === 'string' || typeof value === 'number') return String(value);
    throw new DeploymentError(`template.yaml puts ${whole} into a text, but it is none.`);
  });
}
