import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, buildSync } from 'esbuild';

export const HANDLERS = [
  'plan',
  'scan-aws',
  'scan-azure',
  'scan-ibm',
  'scan-kubernetes',
  'finish',
  'alert',
  'slack',
  'query',
] as const;
export type HandlerName = (typeof HANDLERS)[number];

export const HANDLER_SOURCES = fileURLToPath(new URL('../functions/handlers', import.meta.url));

/** Functions that always use S3 carry its client; the others load the runtime's own when a configuration names a file there. */
const WITH_S3: readonly HandlerName[] = ['plan', 'finish', 'scan-kubernetes'];

/** Ways to credentials that a function never takes: Lambda gives them in the environment, and these are only loaded when it does not. */
const OTHER_CREDENTIALS = ['sso', 'ini', 'process', 'web-identity', 'login'].map(
  (name) => `@aws-sdk/credential-provider-${name}`,
);

/** How every function is bundled: by the template, by the tests that run the bundles, and by the benchmark that weighs them. */
export function bundleOptions(handler: HandlerName) {
  return {
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // Packages' ES modules first: their CommonJS cannot be shaken.
    mainFields: ['module', 'main'],
    legalComments: 'none',
    logLevel: 'error',
    external: [...OTHER_CREDENTIALS, ...(WITH_S3.includes(handler) ? [] : ['@aws-sdk/client-s3'])],
    // Dependencies hold CommonJS, which asks for a require that modules do not have.
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
    entryPoints: [join(HANDLER_SOURCES, `${handler}.ts`)],
  } as const satisfies BuildOptions;
}

/** What lies beside a bundle, as JSON: the validated configuration and the catalogue. */
export interface Shipped {
  readonly config: unknown;
  readonly catalogue: unknown;
}

/** Bundles one handler as `index.mjs` into a directory of its own, with what it ships, and gives back the directory. */
export function bundleHandler(handler: HandlerName, { config, catalogue }: Shipped): string {
  const directory = mkdtempSync(join(tmpdir(), 'ringfence-bundle-'));
  buildSync({ ...bundleOptions(handler), outfile: join(directory, 'index.mjs') });
  writeFileSync(join(directory, 'ringfence.json'), JSON.stringify(config));
  if (handler === 'query') writeFileSync(join(directory, 'catalogue.json'), JSON.stringify(catalogue));
  return directory;
}
