import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { run } from '../../bin/program.ts';

const ROOT = join(import.meta.dirname, '../..');

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The one before: a process has one exit code, one environment and one pair of streams. */
let previous: Promise<unknown> = Promise.resolve();

/** The command line in this process, one after the other: the same program without the seconds that a process takes to load it. */
export function ringfence(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const ran = previous.then(() => runHere(args, { NO_COLOR: '1', ...env }));
  previous = ran.catch(() => undefined);
  return ran;
}

async function runHere(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Ran> {
  const { exitCode } = process;
  const before = Object.keys(env).map((name) => [name, process.env[name]] as const);
  const stdout = capture(process.stdout);
  const stderr = capture(process.stderr);
  try {
    process.exitCode = undefined;
    Object.assign(process.env, env);
    await run(args);
    return { code: Number(process.exitCode ?? 0), stdout: stdout.text(), stderr: stderr.text() };
  } finally {
    stdout.restore();
    stderr.restore();
    process.exitCode = exitCode;
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}

function capture(stream: NodeJS.WriteStream) {
  const { write } = stream;
  const parts: string[] = [];
  stream.write = (part: string | Uint8Array) => {
    parts.push(typeof part === 'string' ? part : Buffer.from(part).toString('utf8'));
    return true;
  };
  return {
    text: () => parts.join(''),
    restore: () => {
      stream.write = write;
    },
  };
}

/** The command line as a process of its own, as users start it: for what only a process shows, its end and what it holds open. */
export function spawnRingfence(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(ROOT, 'bin/ringfence.ts'), ...args], {
      cwd: ROOT,
      env: { ...process.env, NO_COLOR: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (part: Buffer) => out.push(part));
    child.stderr.on('data', (part: Buffer) => err.push(part));
    child.on('error', reject);
    child.on('close', (code) =>
      resolve({ code, stdout: Buffer.concat(out).toString('utf8'), stderr: Buffer.concat(err).toString('utf8') }),
    );
  });
}
