import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

export interface Asset {
  readonly type: string;
  readonly body: string;
}

/** The pages below `/`, ready to be sent. */
export type Assets = ReadonlyMap<string, Asset>;

/** Nothing from elsewhere, no inline script, and no frame around it. */
export const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const WEB = new URL('../../web/', import.meta.url);

/** Bundles the dashboard in memory: it is small enough that no built copy has to be kept in step. */
export async function dashboardAssets(): Promise<Assets> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('main.tsx', WEB))],
    tsconfig: fileURLToPath(new URL('tsconfig.json', WEB)),
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    legalComments: 'none',
    logLevel: 'error',
  });
  const [script] = outputFiles;
  if (script === undefined) throw new Error('the dashboard was bundled to nothing');
  const page = await readFile(new URL('index.html', WEB), 'utf8');
  return new Map([
    ['/', { type: 'text/html; charset=utf-8', body: page }],
    ['/dashboard.js', { type: 'text/javascript; charset=utf-8', body: script.text }],
    [
      '/dashboard.css',
      { type: 'text/css; charset=utf-8', body: await readFile(new URL('dashboard.css', WEB), 'utf8') },
    ],
  ]);
}
