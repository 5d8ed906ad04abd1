import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);

test('a new provider: the compiler names the places that have to know of it, and CONTRIBUTING lists the same', async () => {
  const copy = await mkdtemp(join(tmpdir(), 'ringfence-provider-'));
  try {
    for (const name of ['functions', 'bin', 'infra', 'estate', 'web', 'package.json', 'tsconfig.json'])
      await cp(name, join(copy, name), { recursive: true });
    await symlink(join(process.cwd(), 'node_modules'), join(copy, 'node_modules'));
    const target = join(copy, 'functions/domain/target.ts');
    const text = await readFile(target, 'utf8');
    const changed = text.replace(/PROVIDERS = \[(.*)\] as const/, "PROVIDERS = [$1, 'fictitious'] as const");
    expect(changed).not.toBe(text);
    await writeFile(target, changed);
    const compiler = join(copy, 'node_modules/typescript/bin/tsc');
    // With several threads each of them works out the shared types again.
    const { stdout } = await run(process.execPath, [compiler, '--noEmit', '--singleThreaded'], { cwd: copy }).catch(
      (failure: { readonly stdout: string }) => failure,
    );
    const named = new Set([...stdout.matchAll(/^([\w./-]+)\(\d+,\d+\): error/gm)].map(([, file]) => file ?? ''));
    const contributing = await readFile('CONTRIBUTING.md', 'utf8');
    const [, list = ''] = /<!-- places:begin -->([\s\S]*)<!-- places:end -->/.exec(contributing) ?? [];
    const places = [...list.matchAll(/^- `([^`]+)`/gm)].map(([, file]) => file ?? '');
    expect([...named].sort()).toEqual(places.toSorted());
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}, 120_000);

test('ids are taken apart in one place: no other file has a pattern of them', async () => {
  // The last one finds ids in sentences, and takes none apart.
  const places = ['provider-facts.ts', 'arm-id.ts', 'aws-partition.ts', 'short-ids.ts'].map((name) =>
    join('functions/domain', name),
  );
  const found: string[] = [];
  for (const folder of ['functions', 'bin', 'infra', 'web']) {
    for (const entry of await readdir(folder, { recursive: true })) {
      const file = join(folder, entry);
      if (!/\.tsx?$/.test(file) || places.includes(file)) continue;
      for (const line of (await readFile(file, 'utf8')).split('\n'))
        if (/\/\S*(\\\/(subscriptions|resourcegroups|providers)\\\/|\^arn:|\^aws:|\^ibm:|\^azure:)/i.test(line))
          found.push(`${file}: ${line.trim()}`);
    }
  }
  expect(found).toEqual([]);
});
