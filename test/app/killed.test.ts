import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { bundled } from '../bundled.ts';
import { loopbackSlack } from '../notifiers/loopback-slack.ts';

let root: string;
let script: string;

/** The script as one file: a process that is killed has not to read hundreds of modules first. */
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'ringfence-killed-'));
  // They look for files beside themselves.
  script = await bundled(join(import.meta.dirname, 'killed-scan.ts'), root, ['dynalite', 'level']);
});
afterAll(async () => {
  await rm(root, { recursive: true, force: true });
});

/** Runs one scan in a process of its own; undefined when it was killed. */
function scan(directory: string, webhook: string, failure: string, dieAfter = ''): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, NODE_COMPILE_CACHE: join(root, 'compiled') };
    execFile(process.execPath, [script, directory, webhook, failure, dieAfter], { env }, (error, stdout) => {
      if (error === null) resolve(JSON.parse(stdout));
      else if (error.signal === 'SIGKILL') resolve(undefined);
      else reject(error);
    });
  });
}

const TOLD = ['one: coverage lost', 'three: coverage lost', 'two: coverage lost'];

// 1 the run, 2 a heartbeat, 4 to 8 findings and history, 9 to 16 settled heartbeats and messages, 20 and more the run's end and claims.
test.each([2, 6, 11, 20])(
  'killed after write %i and run again: the same state, each change told once',
  async (dieAfter) => {
    const slack = await loopbackSlack();
    onTestFinished(slack.close);
    const directory = join(root, `after-${dieAfter}`);
    const killed = await scan(directory, slack.url, 'denied', String(dieAfter));
    expect(killed).toBeUndefined();
    const findings = await scan(directory, slack.url, 'denied');
    expect(findings).toHaveLength(3);
    expect(slack.posts.map(({ text }) => text.replace(/^HIGH: kubespray:/, '')).sort()).toEqual(TOLD);
    // Coverage regained is a change of the state that both runs left: each closes once.
    expect(await scan(directory, slack.url, '')).toHaveLength(3);
    expect(
      slack.posts
        .slice(3)
        .map(({ text }) => text)
        .sort(),
    ).toEqual(['one', 'three', 'two'].map((name) => `kubespray:${name}: coverage regained`));
  },
);

test('what opened before the kill and is closed at the next start is told as both', async () => {
  const slack = await loopbackSlack();
  onTestFinished(slack.close);
  const directory = join(root, 'closed-meanwhile');
  // 1 the run, 2 to 4 the heartbeats: from the 5th on findings are stored, none of them settled.
  expect(await scan(directory, slack.url, 'denied', '5')).toBeUndefined();
  expect(slack.posts).toEqual([]);
  await scan(directory, slack.url, '');
  const texts = slack.posts.map(({ text }) => text);
  // How many were on their way when the process died is chance; none may be told as closed only.
  expect(texts.length).toBeGreaterThan(0);
  for (const text of texts) expect(text).toMatch(/^HIGH: kubespray:(one|two|three): coverage lost, regained$/);
}, 90_000);
