import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Reporter, TestModule } from 'vitest/node';
import { REPORT, type SuiteReport } from './suite-report.ts';

/** Writes what `npm run bench` shows of the suite. */
export default class SuiteReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const files = modules.map((module) => ({
      file: module.relativeModuleId,
      cpuMs: Math.round(module.meta().cpuMs ?? 0),
      wallMs: Math.round(module.diagnostic().duration),
      tests: [...module.children.allTests()].length,
    }));
    const report: SuiteReport = { at: new Date().toISOString(), files };
    mkdirSync(dirname(REPORT), { recursive: true });
    writeFileSync(REPORT, `${JSON.stringify(report, undefined, 1)}\n`);
  }
}
