import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { bundled } from '#test/bundled.ts';
import { CLOUDS, SPOILED } from '#test/collectors/transport/clouds.ts';
import { expectOnlyMalformed } from '#test/collectors/transport/expectations.ts';
import { BODIES, HOSTILE, startProxy } from '#test/collectors/transport/hostile.ts';
import type { Outcome, ProviderName } from '#test/collectors/transport/readers.ts';

/** What each provider's reader makes of bodies that have no end, and how much memory it takes for it. */

const MOST_MEGABYTES = 300;

let directory: string;
let script: string;

/** As functions are deployed: what the sources take to be compiled is not the reader's. */
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ringfence-memory-'));
  script = await bundled(join(import.meta.dirname, 'read.ts'), directory);
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const open: { readonly close: () => Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function read(provider: ProviderName, url: string): Promise<Outcome & { readonly megabytes: number }> {
  const { stdout } = await promisify(execFile)(process.execPath, [script, provider, url], {
    maxBuffer: 64 * 1024 * 1024,
  });
  return JSON.parse(stdout) as Outcome & { readonly megabytes: number };
}

describe.each(SPOILED)('$provider, $request', ({ provider, request }) => {
  // When the collector of garbage runs is its own affair: one peak that it was late for is measured again.
  test.each(HOSTILE)(
    '%s is malformed, costs little memory, and leaves its neighbours judged',
    { timeout: 120_000, retry: 2 },
    async (hostile) => {
      const cloud = await CLOUDS[provider]();
      const proxy = await startProxy(cloud.url, (asked) => (request.test(asked) ? BODIES[hostile] : undefined));
      open.push(cloud, proxy);
      const sound = await read(provider, cloud.url);
      const { megabytes, ...spoiled } = await read(provider, proxy.url);
      process.stderr.write(
        `${provider}, ${hostile}: ${Math.round(megabytes)} MB, sound ${Math.round(sound.megabytes)}\n`,
      );
      const isLarge = hostile === 'an endless body' || hostile === 'a gzip bomb of 3 MB';
      expectOnlyMalformed(
        sound,
        spoiled,
        isLarge ? 'the response is larger than 32 MB' : 'the response is nested too deeply',
      );
      expect(megabytes).toBeLessThan(MOST_MEGABYTES);
    },
  );
});

/** A group of EC2's shape with as many rules as make a page of a thousand 20 MB large. */
function group(index: number): string {
  const rule = (port: number) =>
    `<item><ipProtocol>tcp</ipProtocol><fromPort>${port}</fromPort><toPort>${port}</toPort><groups/><ipRanges><item><cidrIp>10.0.0.0/16</cidrIp><description>from the office</description></item></ipRanges></item>`;
  const rules = Array.from({ length: 105 }, (_, port) => rule(port)).join('');
  return `<item><groupId>sg-${index}</groupId><groupName>g${index}</groupName><vpcId>vpc-1</vpcId><ipPermissions>${rules}</ipPermissions><ipPermissionsEgress/></item>`;
}

test('a page of 1,000 security groups, 20 MB, is read', async () => {
  const page = `<DescribeSecurityGroupsResponse><securityGroupInfo>${Array.from({ length: 1_000 }, (_, index) => group(index)).join('')}</securityGroupInfo></DescribeSecurityGroupsResponse>`;
  expect(page.length).toBeGreaterThan(20_000_000);
  const cloud = await CLOUDS.aws();
  const proxy = await startProxy(cloud.url, (asked) =>
    asked.includes('Action=DescribeSecurityGroups') ? (response) => response.end(page) : undefined,
  );
  open.push(cloud, proxy);
  const { gaps } = await read('aws', proxy.url);
  expect(gaps).toEqual([]);
}, 120_000);
