import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { catalogue } from '#app/catalogue.ts';
import { parseConfig } from '#config/load.ts';
import { SCOPES } from '#controls/closed-network-scope.ts';
import { startEstate } from '#estate/estate.ts';
import { instructive } from '#estate/scenarios/instructive.ts';
import { PLAIN } from '#formats/paint.ts';
import { toTable } from '#formats/table.ts';
import { generatedFiles } from '../../bin/docs/generated-files.ts';
import { createLocalRuntime } from '../../bin/local/runtime.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { ringfence } from './run-ringfence.ts';

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

describe('docs/configuration.md', () => {
  interface Schema {
    readonly properties?: Readonly<Record<string, Schema>>;
    readonly items?: Schema;
    readonly anyOf?: readonly Schema[];
    readonly oneOf?: readonly Schema[];
  }

  /** Every key below the schema; those of `controls` are the catalogue's page. */
  function keysOf({ properties = {}, items, anyOf = [], oneOf = [] }: Schema): readonly string[] {
    const nested = [
      ...Object.entries(properties).flatMap(([key, value]) => (key === 'controls' ? [] : [value])),
      ...(items === undefined ? [] : [items]),
      ...anyOf,
      ...oneOf,
    ];
    return [...Object.keys(properties), ...nested.flatMap(keysOf)];
  }

  test('names every key of the schema', async () => {
    const text = await read('docs/configuration.md');
    const keys = new Set(keysOf(JSON.parse(generatedFiles().get('ringfence.schema.json') ?? '{}')));
    expect(keys.size).toBeGreaterThan(40);
    expect([...keys].filter((key) => !new RegExp(`\\b${key}\\b`).test(text))).toEqual([]);
  });

  test('shows a configuration that the code accepts', async () => {
    const [, yaml = ''] = /```yaml\n([\s\S]*?)```/.exec(await read('docs/configuration.md')) ?? [];
    const shown = parseConfig(yaml, 'docs/configuration.md');
    expect(Object.keys(shown)).toEqual(
      expect.arrayContaining(['aws', 'azure', 'ibm', 'kubernetes', 'kubespray', 'alerts']),
    );
  });
});

describe('the README', () => {
  test('names every way in or out that closed-network does not look at', async () => {
    const limits = (await read('README.md')).split('## Limits')[1] ?? '';
    for (const [kind, label] of [
      ['eks', 'EKS'],
      ['aks', 'AKS'],
      ['iks', 'IKS and OpenShift'],
    ] as const) {
      const names = SCOPES[kind]?.limits.map(({ name }) => name).join(', ');
      expect(limits).toContain(`${label}: ${names}.`);
    }
  });

  test('shows configurations that the code accepts', async () => {
    const text = await read('README.md');
    const examples = [...text.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, yaml]) => yaml ?? '');
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) expect(parseConfig(example, 'README.md')).toBeDefined();
  });

  test('shows output as the simulated clouds give it', async () => {
    const shown = [...(await read('README.md')).matchAll(/```text\n(\S+ {2}(?:OPEN|not decided)[\s\S]*?)```/g)].map(
      ([, text = '']) => text,
    );
    expect(shown).toHaveLength(2);
    const estate = await startEstate(instructive());
    const runtime = await createLocalRuntime({ config: estate.config, providers: estate.providers });
    try {
      const table = toTable(await runtime.scan(), PLAIN, 80);
      // The second is cut: coverage follows its first paragraph, and ends in dots.
      for (const text of shown) expect(table).toContain(text.split('\n\n')[0]?.trimEnd());
    } finally {
      await runtime.close();
      await estate.stop();
    }
  });
});

describe('every document', () => {
  const pages = ['README.md', 'CONTRIBUTING.md', ...globSync('docs/**/*.md', { cwd: fileURLToPath(root) })];

  test('runs scripts and commands that exist, as they are typed from a clone', async () => {
    const text = (await Promise.all(pages.map(read))).join('\n');
    const scripts = new Set([...text.matchAll(/\bnpm run (?:-s )?([\w:-]+)/g)].map(([, name]) => name));
    expect([...scripts].filter((name) => name !== undefined && !(name in packageJson.scripts))).toEqual([]);
    expect(text).not.toMatch(/^\s*ringfence /m);

    const commands = new Set(
      [...text.matchAll(/\bringfence -- ((?:config |attest )?[\w-]+)/g)].map(([, command]) => command ?? ''),
    );
    expect(commands.size).toBeGreaterThan(4);
    for (const command of commands) {
      const { code, stdout } = await ringfence([...command.split(' '), '--help']);
      expect(`${command}: ${code} ${stdout}`).toContain(`${command}: 0 Usage: ringfence ${command}`);
    }
  });

  test('links to files that are there', async () => {
    const missing: string[] = [];
    for (const page of pages) {
      for (const [, target = ''] of (await read(page)).matchAll(/\]\((?!https?:|#)([^)#]+)/g)) {
        await readFile(new URL(target, new URL(page, root))).catch((error: NodeJS.ErrnoException) => {
          if (error.code !== 'EISDIR') missing.push(`${page}: ${target}`);
        });
      }
    }
    expect(missing).toEqual([]);
  });
});
