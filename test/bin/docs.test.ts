import { readFile } from 'node:fs/promises';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { catalogue } from '#app/catalogue.ts';
import { parseConfig } from '#config/load.ts';
import { generatedFiles } from '../../bin/docs/generated-files.ts';

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFile(new URL(path, root), 'utf8');

describe('generated files', () => {
  test.each([...generatedFiles()])('%s is in step with the code (npm run docs)', async (path, expected) => {
    expect(await read(path)).toBe(expected);
  });

  test('the page of controls has one chapter for every control', () => {
    const page = generatedFiles().get('docs/controls.md') ?? '';
    const headings = [...page.matchAll(/^### (.+)$/gm)].map(([, id]) => id).sort();
    expect(headings).toEqual(
      catalogue()
        .map(({ id }) => id)
        .sort(),
    );
  });
});

describe('the example configuration', () => {
  const validate = new Ajv({ strict: false, validateFormats: false }).compile(
    JSON.parse(generatedFiles().get('ringfence.schema.json') ?? '{}'),
  );

  test('is valid by the code and by the shipped schema', async () => {
    const text = await read('ringfence.example.yaml');
    expect(parseConfig(text, 'ringfence.example.yaml')).toMatchObject({ profile: 'closed' });
    expect(validate(parse(text)), JSON.stringify(validate.errors)).toBe(true);
  });

  test.each([
    ['an unknown key', { profil: 'closed' }],
    ['an account id that is a number', { aws: { accounts: [111111111111] } }],
    ['a profile that does not exist', { profile: 'open' }],
    ['a control that does not exist', { controls: { 'eks-endpoint-pubic': { enabled: false } } }],
    ['a parameter that the control does not have', { controls: { 'eks-node-egress': { central: 'proxy' } } }],
    ['a word that the parameter does not know', { controls: { 'eks-node-egress': { centralEgress: 'firewall' } } }],
  ])('the schema refuses %s', (_case, value) => {
    expect(validate(value)).toBe(false);
  });
});

describe('the README', () => {
  test('shows configurations that the code accepts', async () => {
    const text = await read('README.md');
    const examples = [...text.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, yaml]) => yaml ?? '');
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) expect(parseConfig(example, 'README.md')).toBeDefined();
  });
});
