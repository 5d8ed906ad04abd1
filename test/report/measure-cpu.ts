import { readFileSync } from 'node:fs';
import { afterAll, beforeAll } from 'vitest';

declare module 'vitest' {
  interface TaskMeta {
    /** Of a file: processor time of its hooks and tests, that of the processes they started included. */
    cpuMs?: number;
  }
}

let began = 0;

// Modules are shared between files, so that loading them belongs to none.
beforeAll(() => {
  began = cpuMs();
});

// biome-ignore lint/correctness/noEmptyPattern: vitest reads the pattern to see which fixtures are asked for
afterAll(({}, file) => {
  (file.meta as { cpuMs?: number }).cpuMs = cpuMs() - began;
});

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000 + childrenMs();
}

/** Hundredths of a second, whatever the machine (`USER_HZ`). */
const TICK_MS = 10;

/** Processor time of ended child processes, where the system tells it (proc(5), cutime and cstime). */
function childrenMs(): number {
  try {
    const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[13]) + Number(fields[14])) * TICK_MS;
  } catch {
    return 0;
  }
}
