import { pathToFileURL } from 'node:url';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { SQSBatchResponse } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { catalogue } from '#app/catalogue.ts';
import { parseConfig } from '#config/load.ts';
import type { LoopbackServer } from '#estate/http.ts';
import { startJson } from '#estate/http.ts';
import { bundleHandler, HANDLERS, type HandlerName } from '#infra/bundling.ts';
import { tableDefinition } from '../../../bin/local/table.ts';
import { CONTEXT, type Handler } from '../../e2e/lambda-context.ts';
import { definitionOf, hubTemplate } from '../../infra/synthesise.ts';
import { loopbackSlack } from '../../notifiers/loopback-slack.ts';
import { buildCluster } from './estate.ts';
import { type Moto, motoMissing, startMoto } from './moto.ts';

const ACCOUNT = '123456789012';
const HOME = 'us-east-1';
/** Where the machine is started, one run each. */
const REGIONS = ['us-east-1', 'us-west-1', 'us-west-2', 'eu-west-1', 'eu-west-2'];
const missing = motoMissing();
if (missing !== undefined) process.stderr.write(`skipped: the deployed hub on moto (${missing})\n`);

/**
 * The hub's own state machine, bundles and table: moto's interpreter of the States Language runs the synthesised definition and calls the bundles,
 * moto's DynamoDB Streams feed the alert function, and its SNS and SQS stand between that and Slack.
 */
describe.skipIf(missing !== undefined)('the deployed hub on moto', () => {
  let moto: Moto;
  let gateway: LoopbackServer;
  let slack: Awaited<ReturnType<typeof loopbackSlack>>;
  let queueUrl = '';
  let machine = '';
  const handlers = new Map<HandlerName, Handler>();
  const invoked: { readonly handler: HandlerName; readonly event: unknown }[] = [];
  const before = { ...process.env };
  const streams = new Map<string, string>();

  async function invoke<T>(handler: HandlerName, event: unknown): Promise<T> {
    const found = handlers.get(handler);
    if (found === undefined) throw new Error(`${handler} was not bundled`);
    invoked.push({ handler, event });
    return (await found(event, CONTEXT)) as T;
  }

  /** What the SDK of JavaScript has no client for here: streams, Step Functions. */
  async function call<T>(target: string, body: object, region = HOME): Promise<T> {
    const scope = target.startsWith('AWSStepFunctions.') ? 'states' : 'dynamodb';
    const answer = await fetch(moto.endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': target,
        authorization: `AWS4-HMAC-SHA256 Credential=testing/20261101/${region}/${scope}/aws4_request, SignedHeaders=host, Signature=0`,
      },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${target}: ${text.slice(0, 300)}`);
    return JSON.parse(text) as T;
  }

  beforeAll(async () => {
    slack = await loopbackSlack();
    gateway = await startJson(async ({ method, url, headers, body }) => {
      const arn = /functions\/([^/]+)\/invocations/.exec(url.pathname)?.[1];
      if (arn === undefined) {
        // Whatever else the interpreter calls (S3) is moto's own.
        const own = ['host', 'content-length', 'connection', 'expect', 'transfer-encoding'];
        const rest = Object.fromEntries(Object.entries(headers).filter(([name]) => !own.includes(name)));
        const answer = await fetch(`${moto.endpoint}${url.pathname}${url.search}`, {
          method,
          headers: rest as Record<string, string>,
          ...(method === 'GET' || method === 'HEAD' ? {} : { body }),
        });
        const passed = Object.fromEntries(
          [...answer.headers].filter(([name]) => !/^(content-length|content-encoding|connection|date)$/.test(name)),
        );
        return { status: answer.status, headers: passed, text: await answer.text(), body: undefined };
      }
      const name = /Functions(\w+)Function/.exec(decodeURIComponent(arn))?.[1] ?? '';
      const handler = name.replaceAll(/(?<!^)[A-Z]/g, (letter) => `-${letter}`).toLowerCase() as HandlerName;
      try {
        return { body: await invoke(handler, JSON.parse(body)) };
      } catch (error) {
        const { name: errorType, message: errorMessage } = error as Error;
        return { headers: { 'x-amz-function-error': 'Unhandled' }, body: { errorType, errorMessage } };
      }
    });
    moto = await startMoto({ MOTO_PORT: new URL(gateway.url).port });
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: moto.endpoint,
      AWS_ACCESS_KEY_ID: 'testing',
      AWS_SECRET_ACCESS_KEY: 'testing',
      AWS_REGION: HOME,
      POWERTOOLS_LOG_LEVEL: 'SILENT',
    });
    await fetch(`${moto.endpoint}/moto-api/config`, {
      method: 'POST',
      body: JSON.stringify({ stepfunctions: { execute_state_machine: true } }),
    });
    await buildInfrastructure();
    await bundle();
    await cluster('public-open', 'shop', HOME);
    await cluster('closed', 'bank', 'eu-central-1');
  });

  afterAll(async () => {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
    moto.stop();
    await Promise.all([gateway.close(), slack.close()]);
  });

  function cluster(kind: 'public-open' | 'closed', name: string, region: string): Promise<void> {
    const credentials = { accessKeyId: 'testing', secretAccessKey: 'testing', sessionToken: 'testing' };
    return buildCluster(kind, name, { account: ACCOUNT, region, credentials });
  }

  async function buildInfrastructure(): Promise<void> {
    const [dynamo, s3, sns, sqs, secrets] = [
      new DynamoDBClient({}),
      new S3Client({}),
      new SNSClient({}),
      new SQSClient({}),
      new SecretsManagerClient({}),
    ];
    await dynamo.send(
      new CreateTableCommand({
        ...tableDefinition('ringfence'),
        StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
      }),
    );
    await s3.send(new CreateBucketCommand({ Bucket: 'runs' }));
    const alerts = await sns.send(new CreateTopicCommand({ Name: 'alerts' }));
    const deliveries = await sns.send(new CreateTopicCommand({ Name: 'deliveries' }));
    const queue = await sqs.send(new CreateQueueCommand({ QueueName: 'slack' }));
    queueUrl = queue.QueueUrl ?? '';
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['QueueArn'] }),
    );
    await sns.send(
      new SubscribeCommand({
        TopicArn: deliveries.TopicArn,
        Protocol: 'sqs',
        Endpoint: Attributes?.['QueueArn'],
        Attributes: { RawMessageDelivery: 'true' },
      }),
    );
    const secret = await secrets.send(new CreateSecretCommand({ Name: 'cursor', SecretString: 'signs cursors' }));
    Object.assign(process.env, {
      RINGFENCE_TABLE: 'ringfence',
      RINGFENCE_RUN_BUCKET: 'runs',
      RINGFENCE_ALERT_TOPIC_ARN: alerts.TopicArn,
      RINGFENCE_DELIVERY_TOPIC_ARN: deliveries.TopicArn,
      RINGFENCE_CURSOR_SECRET_ARN: secret.ARN,
      RINGFENCE_SLACK_QUEUE_URL: queueUrl,
    });
    for (const client of [dynamo, s3, sns, sqs, secrets]) client.destroy();
  }

  async function bundle(): Promise<void> {
    const yaml = JSON.stringify({
      aws: {
        accounts: [ACCOUNT],
        roleName: 'RingfenceScanner',
        externalId: 'conformance',
        regions: [HOME, 'eu-central-1'],
      },
      alerts: { firstScan: 'each', slack: [{ name: 'platform', webhook: slack.url }] },
    });
    const shipped = { config: parseConfig(yaml, 'ringfence.yaml'), catalogue: catalogue() };
    for (const name of HANDLERS) {
      const { handler } = (await import(pathToFileURL(`${bundleHandler(name, shipped)}/index.mjs`).href)) as {
        handler: Handler;
      };
      handlers.set(name, handler);
    }
    const definition = definitionOf(hubTemplate(yaml), (id) => (id.startsWith('Runs') ? 'runs' : 'aws'));
    // Its grammar takes a percentage with a decimal point only.
    machine = JSON.stringify(withoutBatches(definition)).replaceAll(/(Percentage":\d+)/g, '$1.0');
  }

  /** New stream records to the alert function, and messages of the queue to the Slack function, until both are quiet. */
  async function pump(): Promise<void> {
    for (let quiet = 0; quiet < 2; ) {
      const moved = (await pumpStream()) + (await pumpQueue());
      quiet = moved === 0 ? quiet + 1 : 0;
    }
  }

  async function pumpStream(): Promise<number> {
    const { Streams } = await call<{ Streams: { StreamArn: string }[] }>('DynamoDBStreams_20120810.ListStreams', {});
    let moved = 0;
    for (const { StreamArn } of Streams) {
      const { StreamDescription } = await call<{ StreamDescription: { Shards: { ShardId: string }[] } }>(
        'DynamoDBStreams_20120810.DescribeStream',
        { StreamArn },
      );
      for (const { ShardId } of StreamDescription.Shards) {
        const start = { StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' };
        const iterator =
          streams.get(ShardId) ??
          (await call<{ ShardIterator: string }>('DynamoDBStreams_20120810.GetShardIterator', start)).ShardIterator;
        const { Records, NextShardIterator } = await call<{ Records: unknown[]; NextShardIterator: string }>(
          'DynamoDBStreams_20120810.GetRecords',
          { ShardIterator: iterator },
        );
        streams.set(ShardId, NextShardIterator);
        if (Records.length > 0) expect(await invoke('alert', { Records })).toEqual({ batchItemFailures: [] });
        moved += Records.length;
      }
    }
    return moved;
  }

  async function pumpQueue(): Promise<number> {
    const sqs = new SQSClient({});
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10, AttributeNames: ['All'] }),
    );
    const records = Messages.map(({ MessageId, ReceiptHandle, Body, Attributes }) => ({
      messageId: MessageId,
      receiptHandle: ReceiptHandle,
      body: Body,
      attributes: Attributes,
    }));
    if (records.length > 0) {
      const { batchItemFailures } = await invoke<SQSBatchResponse>('slack', { Records: records });
      const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
      for (const { messageId = '', receiptHandle } of records)
        if (!failed.has(messageId))
          await sqs.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle: receiptHandle }));
    }
    sqs.destroy();
    return records.length;
  }

  /** Runs the machine, while stream and queue go on beside it, as in the cloud. */
  async function run(
    name: string,
  ): Promise<{ readonly status: string; readonly output?: string; readonly cause?: string }> {
    // A region for each run: moto starts nothing any more where a map has run.
    const region = REGIONS.shift();
    const { stateMachineArn } = await call<{ stateMachineArn: string }>(
      'AWSStepFunctions.CreateStateMachine',
      { name: 'ringfence', definition: machine, roleArn: `arn:aws:iam::${ACCOUNT}:role/states` },
      region,
    );
    const { executionArn } = await call<{ executionArn: string }>(
      'AWSStepFunctions.StartExecution',
      { stateMachineArn, name, input: '{}' },
      region,
    );
    for (;;) {
      await pump();
      const execution = await call<{ status: string; output?: string; cause?: string }>(
        'AWSStepFunctions.DescribeExecution',
        { executionArn },
        region,
      );
      if (execution.status !== 'RUNNING') {
        await pump();
        return execution;
      }
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  test('a run of the synthesised machine plans, scans, closes, and tells each cluster once', async () => {
    const { status, output = '{}', cause } = await run('first');
    expect([status, cause]).toEqual(['SUCCEEDED', undefined]);
    expect(JSON.parse(output)).toMatchObject({ id: 'first', brokenBranches: 0, targets: { planned: 2 } });
    const scans = invoked.filter(({ handler }) => handler === 'scan-aws').map(({ event }) => event);
    expect(scans).toHaveLength(2);
    for (const scan of scans) expect(scan).toMatchObject({ BatchInput: { runId: 'first' } });
    expect(invoked.filter(({ handler }) => ['scan-azure', 'scan-ibm', 'scan-kubernetes'].includes(handler))).toEqual(
      [],
    );
    const posts = slack.posts.map(({ text }) => text);
    expect(posts.filter((text) => /^\w+: shop: \d+ failed$/.test(text))).toHaveLength(1);
    expect(new Set(posts).size).toBe(posts.length);
  });

  test('the query function answers from the same table', async () => {
    const event = {
      rawPath: '/v1/findings',
      rawQueryString: 'control=eks-endpoint-public&limit=1',
      requestContext: { http: { method: 'GET' } },
    };
    const { statusCode, body } = await invoke<{ statusCode: number; body: string }>('query', event);
    const page = JSON.parse(body);
    expect([statusCode, page.findings.length, typeof page.nextCursor]).toEqual([200, 1, 'string']);
    expect(page.findings[0].lastEvaluated).toMatch(/^\d{4}-/);
  });

  test('a second run finds nothing new and says nothing', async () => {
    const posts = slack.posts.length;
    expect((await run('second')).status).toBe('SUCCEEDED');
    expect(slack.posts).toHaveLength(posts);
  });

  test('two runs that overlap tell the drift between them once', async () => {
    const posts = slack.posts.length;
    await cluster('public-open', 'blog', 'eu-central-1');
    const runs = await Promise.all([run('third'), run('fourth')]);
    expect(runs.map(({ status }) => status)).toEqual(['SUCCEEDED', 'SUCCEEDED']);
    const told = slack.posts.slice(posts).map(({ text }) => text);
    expect(told.filter((text) => text.includes(': blog:'))).toHaveLength(1);
    expect(told).toHaveLength(1);
  });

  test('the whole stream, brought again from its beginning, tells nobody anything', async () => {
    const posts = slack.posts.length;
    streams.clear();
    await pump();
    expect(slack.posts).toHaveLength(posts);
  });

  test('a provider whose map fails leaves coverage lost, a closed run and a failed execution', async () => {
    const plan = handlers.get('plan');
    if (plan === undefined) throw new Error('plan was not bundled');
    handlers.set('plan', async (event, context) => {
      const planned = (await plan(event, context)) as { readonly providers: Record<string, object> };
      return { ...planned, providers: { ...planned.providers, aws: { key: 'plans/nothing.json', count: 2 } } };
    });
    const { status, cause } = await run('broken');
    handlers.set('plan', plan);
    expect([status, cause]).toEqual(['FAILED', expect.stringContaining('A whole map failed')]);
    // What was scanned before should have been now: coverage lost. (It was partial on moto anyway, which knows no add-ons.)
    const event = { rawPath: '/v1/targets', rawQueryString: '', requestContext: { http: { method: 'GET' } } };
    const { body } = await invoke<{ body: string }>('query', event);
    const targets = JSON.parse(body).targets.map((entry: Record<string, string>) => [entry['id'], entry['reason']]);
    expect(targets).toEqual([
      ['aws:123456789012:eu-central-1', 'timeout'],
      ['aws:123456789012:us-east-1', 'timeout'],
    ]);
    const finish = invoked.filter(({ handler }) => handler === 'finish').at(-1);
    expect(JSON.stringify(finish?.event)).toContain('"broken":{"Error"');
  });
});

/** moto's interpreter knows no ItemBatcher: each target becomes a batch of its own, in the same shape. */
function withoutBatches(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutBatches);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).flatMap(([key, entry]) =>
    key === 'ItemBatcher'
      ? [['ItemSelector', { BatchInput: entry.BatchInput, 'Items.$': 'States.Array($$.Map.Item.Value)' }]]
      : [[key, withoutBatches(entry)]],
  );
  return Object.fromEntries(entries);
}
