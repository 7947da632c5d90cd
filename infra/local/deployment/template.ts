import { z } from 'zod';
import { DeploymentError, parseStrictly } from './refusal.ts';
import { attributeOf, type StackPlace, type StackResource, StackResourceSchema } from './stack-resources.ts';
import { evaluate, type TemplateScope } from './template-functions.ts';

const ParameterSchema = z.strictObject({
  Type: z.enum(['String', 'Json']),
  Default: z.unknown().optional(),
  Description: z.string().optional(),
  AllowedPattern: z.string().optional(),
});

const TemplateSchema = z.strictObject({
  ROSTemplateFormatVersion: z.literal('2015-09-01'),
  Description: z.string().optional(),
  Parameters: z.record(z.string(), ParameterSchema).default({}),
  Resources: z.record(
    z.string(),
    z.strictObject({
      Type: z.string(),
      Properties: z.record(z.string(), z.unknown()),
      DependsOn: z.union([z.string(), z.array(z.string())]).optional(),
    }),
  ),
  // Told to people after the creation; they create nothing.
  Outputs: z.unknown().optional(),
});

type Parameter = z.infer<typeof ParameterSchema>;

/** What a stack is created with. */
export interface StackOptions extends StackPlace {
  /** By name; what is left out takes its default. A Json parameter may be given as its text. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

/**
 * The resources in the content of a ROS template by their logical ids, in an order in which they can be created. Throws
 * {@link DeploymentError} for anything that it does not know.
 */
export function readStack(content: unknown, options: StackOptions): ReadonlyMap<string, StackResource> {
  const template = parseStrictly(TemplateSchema, content, 'template.yaml');
  const values = parameterValues(template.Parameters, options.parameters);
  const created = new Map<string, StackResource>();

  const create = (logicalId: string, open: ReadonlyArray<string>): StackResource => {
    const done = created.get(logicalId);
    if (done !== undefined) return done;
    const declared = Object.hasOwn(template.Resources, logicalId) ? template.Resources[logicalId] : undefined;
    if (declared === undefined) {
      throw new DeploymentError(`template.yaml refers to the resource ${logicalId}, which it does not have.`);
    }
    const path = [...open, logicalId];
    if (open.includes(logicalId)) {
      throw new DeploymentError(
        `Resources of template.yaml need each other in a circle: ${path.join(', ')}.`,
      );
    }
    for (const other of [declared.DependsOn ?? []].flat()) create(other, path);
    const scope: TemplateScope = {
      ref(name) {
        if (values.has(name)) return values.get(name);
        throw new DeploymentError(
          `template.yaml refers to ${name}: the local deployment knows its parameters, ALIYUN::Region and ALIYUN::TenantId.`,
        );
      },
      attribute(other, name) {
        const value = attributeOf(create(other, path), name, options);
        if (value !== null) return value;
        throw new DeploymentError(
          `template.yaml reads ${name} of ${other}, which the local deployment does not know.`,
        );
      },
    };
    const { Type, Properties } = declared;
    const evaluated = { Type, Properties: evaluate(Properties, scope) };
    const resource = parseStrictly(StackResourceSchema, evaluated, `template.yaml, ${logicalId}`);
    created.set(logicalId, resource);
    return resource;
  };

  values.set('ALIYUN::Region', options.region);
  values.set('ALIYUN::TenantId', options.accountId);
  for (const logicalId of Object.keys(template.Resources)) create(logicalId, []);
  return created;
}

function parameterValues(
  declared: Readonly<Record<string, Parameter>>,
  given: Readonly<Record<string, unknown>>,
): Map<string, unknown> {
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(declared, name)) throw new DeploymentError(`template.yaml has no parameter ${name}.`);
  }
  return new Map(
    Object.entries(declared).map(([name, parameter]) => {
      const value = Object.hasOwn(given, name) ? given[name] : parameter.Default;
      if (value === undefined)
        throw new DeploymentError(`template.yaml needs a value for its parameter ${name}.`);
      return [name, parameterValue(name, parameter, value)];
    }),
  );
}

function parameterValue(name: string, { Type, AllowedPattern }: Parameter, value: unknown): unknown {
  if (Type === 'Json') return typeof value === 'string' ? parseJson(name, value) : value;
  const isAllowed =
    typeof value === 'string' &&
    (AllowedPattern === undefined || new RegExp(`^(?:${AllowedPattern})$`).test(value));
  if (isAllowed) return value;
  throw new DeploymentError(
    `The parameter ${name} of template.yaml does not allow ${JSON.stringify(value)}.`,
  );
}

function parseJson(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DeploymentError(`The parameter ${name} of template.yaml is no JSON.`, { cause });
  }
}
