import { toJsonSchema } from '@valibot/to-json-schema';
import { ConfigSchema } from '#config/schema.ts';

/** ringfence.schema.json: what editors check ringfence.yaml against. Checks that JSON Schema cannot say (loopback only) stay with `config check`. */
export function configurationSchema(): string {
  const schema = toJsonSchema(ConfigSchema, { typeMode: 'input', errorMode: 'ignore' });
  return `${JSON.stringify({ ...schema, title: 'ringfence.yaml' }, undefined, 2)}\n`;
}
