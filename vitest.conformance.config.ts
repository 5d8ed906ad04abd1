import { defineConfig } from 'vitest/config';

/** Tests against tools that npm does not bring: each says what it skipped and why. */
export default defineConfig({
  test: {
    include: ['test/conformance/**/*.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
