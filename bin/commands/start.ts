import { runDemo } from '#estate/demo.ts';
import { CannotRun } from '../cannot-run.ts';
import { scan } from './scan.ts';
import { serve } from './serve.ts';

export interface StartOptions {
  readonly config?: string;
  readonly store?: string;
  readonly port: string;
}

/** Scans once, and shows the result until it is interrupted: the configured clouds, or without a configuration the simulated ones. */
export async function start({ config, store: named, port }: StartOptions): Promise<void> {
  if (config === undefined) {
    // What is simulated must not end up among what was read.
    if (named !== undefined)
      throw new CannotRun([
        '--store needs --config: the simulated clouds keep their state in a directory of their own',
      ]);
    process.stderr.write('no --config: scanning the simulated clouds, before and after something changes\n');
    const { directory } = await runDemo({ print: () => undefined, table: () => '', width: 80 });
    await serve({ config: '', store: directory, port });
  } else {
    const store = named ?? '.ringfence';
    await scan({ config, store, format: 'table' });
    await serve({ config, store, port });
  }
}
