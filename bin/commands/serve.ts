import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { catalogue } from '#app/catalogue.ts';
import { cursorSeal } from '#app/cursor.ts';
import { CannotRun } from '../cannot-run.ts';
import { dashboardAssets } from '../local/dashboard.ts';
import { serveQueries } from '../local/server.ts';
import { readConfig } from './configuration.ts';
import { withStore } from './stored.ts';

export interface ServeOptions {
  readonly config: string;
  readonly store: string;
  readonly port: string;
}

/** Answers the query API from a state directory, and shows the dashboard over it, until it is interrupted. */
export async function serve({ config: file, store, port }: ServeOptions): Promise<void> {
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) throw new CannotRun([`--port ${port} is not a port`]);
  // Exceptions are part of the configuration; without one there are none to show.
  const exceptions = existsSync(file) ? (await readConfig(file)).exceptions : [];
  await withStore(store, async ({ queries, runs }) => {
    const server = await serveQueries(
      {
        store: { ...queries, heartbeats: runs.heartbeats },
        controls: catalogue(),
        exceptions: async () => exceptions,
        ...cursorSeal(randomBytes(32).toString('hex')),
      },
      Number(port),
      await dashboardAssets(),
    );
    process.stdout.write(
      `dashboard at ${server.url}/, query API at ${server.url}/v1/summary (state in ${store}); end with Ctrl-C\n`,
    );
    await interrupted();
    await server.close();
  });
}

function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
}
