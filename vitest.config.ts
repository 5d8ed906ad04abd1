import { defineConfig } from 'vitest/config';

/**
 * Tests of the whole program, which put simulated clouds, credentials and streams into the process: each file has modules of its own. All others
 * share the modules of their worker, so that these are loaded twice and not once for each file. A file that fails only together with others
 * belongs here.
 */
const ISOLATED = ['test/bin/**/*.test.ts', 'test/e2e/**/*.test.ts', 'test/upgrade/**/*.test.ts'];
const EXCLUDED = ['test/conformance/**', 'node_modules/**'];

export default defineConfig({
  test: {
    maxWorkers: 2,
    coverage: {
      provider: 'v8',
      include: ['functions/**/*.ts', 'infra/**/*.ts', 'bin/**/*.ts', 'web/*.ts'],
      reporter: ['text-summary', 'json-summary'],
    },
    projects: [
      project('shared', false, ['test/**/*.test.ts'], [...EXCLUDED, ...ISOLATED]),
      project('isolated', true, ISOLATED, EXCLUDED),
    ],
  },
});

function project(name: string, isolate: boolean, include: string[], exclude: string[]) {
  return {
    test: {
      name,
      isolate,
      include,
      exclude,
      setupFiles: ['test/report/measure-cpu.ts'],
      testTimeout: 30_000,
      hookTimeout: 60_000,
    },
  };
}
