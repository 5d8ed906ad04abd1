import { DynamoDBDocumentClient, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { ProviderPort } from '#domain/collection.ts';
import { createLocalRuntime } from '../../bin/local/runtime.ts';

/**
 * One scan of a process of its own, over the state in a directory: `node killed-scan.ts DIRECTORY WEBHOOK FAILURE DIE_AFTER`. Three targets
 * cannot be read when FAILURE is `denied`. With DIE_AFTER the process kills itself after that many writes, as SIGKILL leaves no time to tidy up.
 */
const [directory = '', webhook = '', failure = '', dieAfter = ''] = process.argv.slice(2);
const targets = ['one', 'two', 'three'].map((name) => ({
  target: { id: `kubespray:${name}`, provider: 'kubespray', account: name } as const,
  ...(failure === 'denied' ? { failure: { reason: 'denied' as const, message: `${name} refuses` } } : {}),
}));
const provider: ProviderPort = {
  plan: async () => ({ targets, apiCalls: 1 }),
  collect: async () => ({ subjects: [], inventoryComplete: true, gaps: [], apiCalls: 1 }),
  doctor: async () => [],
};

if (dieAfter !== '') {
  const send = DynamoDBDocumentClient.prototype.send as (command: unknown, ...rest: unknown[]) => Promise<unknown>;
  let writes = 0;
  const counted = async function (this: DynamoDBDocumentClient, command: unknown, ...rest: unknown[]) {
    const answer = await send.call(this, command, ...rest);
    if (command instanceof PutCommand || command instanceof UpdateCommand) {
      writes += 1;
      if (writes === Number(dieAfter)) process.kill(process.pid, 'SIGKILL');
    }
    return answer;
  };
  DynamoDBDocumentClient.prototype.send = counted as typeof DynamoDBDocumentClient.prototype.send;
}

const runtime = await createLocalRuntime({
  config: {
    profile: 'closed',
    controls: {},
    alerts: { minimumSeverity: 'MEDIUM', firstScan: 'each', slack: [{ name: 'platform', webhook }] },
    exceptions: [],
    readInside: [],
  },
  providers: { kubespray: provider },
  directory,
});
const { findings } = await runtime.scan();
await runtime.close();
process.stdout.write(JSON.stringify(findings.map(({ id, status }) => [id, status])));
