import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

/** Bundles a script of the tests into a folder of its own, as functions are bundled for Lambda: started often, or measured, without its sources. */
export async function bundled(entry: string, directory: string, external: readonly string[] = []): Promise<string> {
  const script = join(directory, 'bundle.mjs');
  await build({
    entryPoints: [entry],
    outfile: script,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    logLevel: 'error',
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
    external: [...external],
  });
  await symlink(join(import.meta.dirname, '../node_modules'), join(directory, 'node_modules'));
  return script;
}
