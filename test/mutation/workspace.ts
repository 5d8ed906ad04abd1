import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** How a vitest run in a copy ended. */
export type Ended = 'passed' | 'failed' | 'timed-out';

/** A copy of the working tree in which sources are changed: whatever ends the process, the tree itself stays as it is. */
export class Workspace {
  readonly directory: string;

  constructor(root: string) {
    this.directory = mkdtempSync(join(tmpdir(), 'ringfence-mutation-'));
    const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], {
      cwd: root,
      encoding: 'utf8',
    });
    for (const file of listed.split('\0').filter(Boolean))
      cpSync(join(root, file), join(this.directory, file), { recursive: true, force: true });
    symlinkSync(resolve(root, 'node_modules'), join(this.directory, 'node_modules'));
  }

  read(path: string): string {
    return readFileSync(join(this.directory, path), 'utf8');
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.directory, path)), { recursive: true });
    writeFileSync(join(this.directory, path), text);
  }

  /** One vitest run of the named files in their order; its whole process group ends with it. */
  async vitest(files: readonly string[], limitMs: number, args: readonly string[] = []): Promise<Ended> {
    const child = spawn(
      process.execPath,
      ['node_modules/vitest/vitest.mjs', 'run', '--config', 'test/mutation/vitest.config.ts', ...args],
      {
        cwd: this.directory,
        detached: true,
        stdio: 'ignore',
        env: { ...process.env, RINGFENCE_MUTATION_FILES: JSON.stringify(files) },
      },
    );
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      endGroup(child);
    }, limitMs);
    const code = await new Promise<number | null>((done) => child.once('close', done));
    clearTimeout(timer);
    endGroup(child);
    if (timedOut) return 'timed-out';
    return code === 0 ? 'passed' : 'failed';
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

function endGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}
