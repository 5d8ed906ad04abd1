import { fileURLToPath } from 'node:url';

/** Written by every `npm test`, beside the sources and not among them. */
export const REPORT = fileURLToPath(new URL('../../reports/tests.json', import.meta.url));

export interface SuiteReport {
  readonly at: string;
  readonly files: readonly {
    readonly file: string;
    readonly cpuMs: number;
    readonly wallMs: number;
    readonly tests: number;
  }[];
}
