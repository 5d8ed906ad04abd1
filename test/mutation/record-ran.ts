import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterAll, expect } from 'vitest';

/** In the run that makes the map, every instrumented function reports itself here; a mutant's run has no directory to write to. */
const directory = process.env['RINGFENCE_MUTATION_MAP'];

if (directory !== undefined) {
  const ran = new Set<string>();
  const began = performance.now();
  Object.assign(globalThis, { ringfenceRan: (id: string) => ran.add(id) });
  afterAll(() => {
    const file = relative(process.cwd(), expect.getState().testPath ?? '');
    mkdirSync(directory, { recursive: true });
    writeFileSync(
      join(directory, `${file.replaceAll('/', '~')}.json`),
      JSON.stringify({ file, ms: performance.now() - began, ran: [...ran] }),
    );
  });
}
