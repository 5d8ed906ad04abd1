import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BuildOptions, buildSync } from 'esbuild';

/** How every function is bundled: by the template, by the tests that run the bundles, and by the benchmark that weighs them. */
export const BUNDLE_OPTIONS = {
  bundle: true,
  minify: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  mainFields: ['module', 'main'],
  legalComments: 'none',
  logLevel: 'error',
  // Dependencies hold CommonJS, which asks for a require that modules do not have.
  banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
} as const satisfies BuildOptions;

const bundled = new Map<string, string>();

/** Bundles one handler into a directory of its own as `index.mjs`, and gives back the directory. Once per process and file. */
export function bundleHandler(file: string): string {
  const known = bundled.get(file);
  if (known !== undefined) return known;
  const directory = mkdtempSync(join(tmpdir(), 'ringfence-bundle-'));
  buildSync({ ...BUNDLE_OPTIONS, entryPoints: [file], outfile: join(directory, 'index.mjs') });
  bundled.set(file, directory);
  return directory;
}
