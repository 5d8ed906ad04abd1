import { toJsonSchema } from '@valibot/to-json-schema';
import { PARAMETERS } from '#config/parameters.ts';
import { ConfigSchema } from '#config/schema.ts';
import type { Parameter } from '#domain/control.ts';
import { SEVERITIES } from '#domain/verdict.ts';

/** ringfence.schema.json: what editors check ringfence.yaml against. Checks that JSON Schema cannot say (loopback only) stay with `config check`. */
export function configurationSchema(): string {
  const schema = toJsonSchema(ConfigSchema, { typeMode: 'input', errorMode: 'ignore' });
  const document = { ...schema, title: 'ringfence.yaml', properties: { ...schema.properties, controls: controls() } };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

/** Every control with its own parameters, so that an editor completes their names. */
function controls() {
  const entries = [...PARAMETERS].map(([id, parameters]) => {
    const own = Object.entries(parameters).map(([name, parameter]) => [name, parameterSchema(parameter)] as const);
    const properties = { enabled: { type: 'boolean' }, severity: { enum: SEVERITIES }, ...Object.fromEntries(own) };
    return [id, { type: 'object', properties, additionalProperties: false }] as const;
  });
  return { type: 'object', properties: Object.fromEntries(entries), additionalProperties: false };
}

function parameterSchema({ describe, default: value, oneOf, from, to }: Parameter) {
  const kind =
    oneOf !== undefined
      ? { enum: oneOf }
      : Array.isArray(value)
        ? { type: 'array', items: { type: 'string' } }
        : typeof value === 'number'
          ? { type: 'integer', minimum: from ?? 0, ...(to === undefined ? {} : { maximum: to }) }
          : { type: typeof value };
  return { description: describe, ...kind, default: value };
}
