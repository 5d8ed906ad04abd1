import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/conformance/**', 'node_modules/**'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    coverage: {
      provider: 'v8',
      include: ['functions/**/*.ts', 'infra/**/*.ts', 'bin/**/*.ts', 'web/*.ts'],
      reporter: ['text-summary', 'json-summary'],
    },
  },
});
