import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The files of one run, cheap ones first, so that most mutants end early. */
const files = JSON.parse(process.env['RINGFENCE_MUTATION_FILES'] ?? '[]') as readonly string[];

class InOrder extends BaseSequencer {
  override async sort(specifications: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => files.findIndex((file) => moduleId.endsWith(`/${file}`));
    return [...specifications].sort((a, b) => place(a) - place(b));
  }
}

export default defineConfig({
  test: {
    include: [...files],
    setupFiles: ['test/mutation/record-ran.ts'],
    // A slow machine is no sign of a mutant.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    maxWorkers: 1,
    sequence: { sequencer: InOrder },
    coverage: { enabled: false },
  },
});
