import { pathToFileURL } from 'node:url';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { catalogue } from '#app/catalogue.ts';
import { parseConfig } from '#config/load.ts';
import type { Delivery } from '#domain/alert.ts';
import type { PlannedTarget } from '#domain/target.ts';
import { type Estate, startEstate } from '#estate/estate.ts';
import { instructive } from '#estate/scenarios/instructive.ts';
import { bundleHandler, HANDLERS, type HandlerName } from '#infra/bundling.ts';
import { LOCAL_TABLE, type LocalTable, startLocalTable } from '../../bin/local/table.ts';
import { CONTEXT, type Handler } from './lambda-context.ts';
import { type SideServices, startSideServices } from './side-services.ts';

const RUN = { runId: 'run-1', startedAt: '2026-11-01T00:00:00.000Z' };

let estate: Estate;
let table: LocalTable;
let side: SideServices;
const handlers = new Map<HandlerName, Handler>();

beforeAll(async () => {
  estate = await startEstate(instructive());
  [table, side] = await Promise.all([startLocalTable(undefined), startSideServices()]);
  const { ibm, azure } = estate.config;
  const yaml = JSON.stringify({
    aws: {
      organization: true,
      roleName: 'RingfenceScanner',
      externalId: 'ringfence-demo',
      regions: ['ap-northeast-1', 'eu-central-1'],
    },
    azure: {
      tenants: [{ id: azure?.tenants[0]?.id, credential: { type: 'access-token' } }],
      endpoint: azure?.endpoint,
    },
    ibm: { accounts: ibm?.accounts, endpoints: ibm?.endpoints },
    alerts: { firstScan: 'each', slack: [{ name: 'platform', webhook: estate.slack.url }] },
  });
  Object.assign(process.env, {
    AWS_REGION: 'us-east-1',
    AWS_ENDPOINT_URL_DYNAMODB: table.endpoint,
    AWS_ENDPOINT_URL_S3: side.url,
    AWS_ENDPOINT_URL_SNS: side.url,
    AWS_ENDPOINT_URL_SQS: side.url,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: side.url,
    AZURE_ACCESS_TOKEN: 'simulated',
    POWERTOOLS_LOG_LEVEL: 'SILENT',
    RINGFENCE_TABLE: LOCAL_TABLE,
    RINGFENCE_RUN_BUCKET: 'runs',
    RINGFENCE_ALERT_TOPIC_ARN: 'arn:aws:sns:us-east-1:111122223333:alerts',
    RINGFENCE_DELIVERY_TOPIC_ARN: 'arn:aws:sns:us-east-1:111122223333:deliveries',
    RINGFENCE_CURSOR_SECRET_ARN: 'arn:aws:secretsmanager:us-east-1:111122223333:secret:cursor',
    RINGFENCE_SLACK_QUEUE_URL: `${side.url}/111122223333/slack`,
  });
  const shipped = { config: parseConfig(yaml, 'ringfence.yaml'), catalogue: catalogue() };
  for (const name of HANDLERS) {
    const { handler } = (await import(pathToFileURL(`${bundleHandler(name, shipped)}/index.mjs`).href)) as {
      handler: Handler;
    };
    handlers.set(name, handler);
  }
}, 120_000);

afterAll(async () => {
  await Promise.all([estate.stop(), table.close(), side.close()]);
});

async function invoke<T>(name: HandlerName, event: unknown): Promise<T> {
  const handler = handlers.get(name);
  if (handler === undefined) throw new Error(`${name} was not bundled`);
  return (await handler(event, CONTEXT)) as T;
}

/** What the table's stream brings for everything in it, as Lambda gets it. */
async function streamEvent(kinds: readonly string[]) {
  const client = new DynamoDBClient({
    endpoint: table.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  });
  const { Items = [] } = await client.send(new ScanCommand({ TableName: LOCAL_TABLE }));
  client.destroy();
  const images = kinds.flatMap((kind) => Items.filter((item) => item['kind']?.S === kind));
  return {
    Records: images.map((NewImage, index) => ({
      eventID: String(index),
      eventName: 'MODIFY',
      eventSource: 'aws:dynamodb',
      dynamodb: {
        Keys: { pk: NewImage['pk'], sk: NewImage['sk'] },
        NewImage,
        SequenceNumber: String(index),
        StreamViewType: 'NEW_AND_OLD_IMAGES',
      },
    })),
  };
}

function httpEvent(rawPath: string, rawQueryString = '') {
  return {
    version: '2.0',
    routeKey: 'GET /v1/{proxy+}',
    rawPath,
    rawQueryString,
    headers: { host: 'api.example' },
    isBase64Encoded: false,
    requestContext: {
      http: { method: 'GET', path: rawPath, protocol: 'HTTP/1.1', sourceIp: '198.51.100.7', userAgent: 'curl' },
      requestId: 'r',
      stage: '$default',
    },
  };
}

interface Planned {
  readonly planApiCalls: number;
  readonly providers: Readonly<Record<string, { readonly key: string; readonly count: number }>>;
}

describe('one run through the bundles', () => {
  let plan: Planned;

  test('plan lists every provider and keeps one array each', async () => {
    plan = await invoke<Planned>('plan', RUN);
    expect(Object.fromEntries(Object.entries(plan.providers).map(([name, { count }]) => [name, count]))).toEqual({
      aws: 8,
      azure: 2,
      ibm: 2,
      kubernetes: 0,
    });
  });

  test.each(['aws', 'azure', 'ibm'] as const)('scan-%s reads its batch', async (provider) => {
    const Items = JSON.parse(side.objects.get(`/runs/${plan.providers[provider]?.key}`) ?? '[]') as PlannedTarget[];
    const { targets } = await invoke<{ targets: { status: string; recorded: string }[] }>(`scan-${provider}`, {
      BatchInput: RUN,
      Items,
    });
    expect(targets).toHaveLength(Items.length);
    expect(new Set(targets.map(({ recorded }) => recorded))).toContain('changed');
  });

  test('scan-kubernetes takes an empty batch', async () => {
    expect(await invoke('scan-kubernetes', { BatchInput: RUN, Items: [] })).toEqual({ targets: [] });
  });

  test('alert publishes each changed resource once, however often the stream repeats', async () => {
    const event = await streamEvent(['finding', 'heartbeat']);
    expect(await invoke('alert', event)).toEqual({ batchItemFailures: [] });
    const first = side.published.length;
    expect(first).toBeGreaterThan(5);
    expect(side.published[0]?.attributes).toEqual(
      expect.arrayContaining(['provider', 'account', 'severity', 'kinds', 'controls']),
    );
    await invoke('alert', event);
    expect(side.published).toHaveLength(first);
  });

  test('finish closes the run, and only then Slack is told', async () => {
    expect(side.published.filter(({ topic }) => topic.endsWith(':deliveries'))).toEqual([]);
    const run = await invoke<{ status: string; targets: { planned: number; failed: number } }>('finish', {
      ...RUN,
      ...plan,
      branches: [RUN, RUN, { ...RUN, broken: { Error: 'States.ItemReaderFailed', Cause: 'gone' } }, RUN],
    });
    expect(run).toMatchObject({ brokenBranches: 1 });
    expect(run).toMatchObject({ status: 'partial', targets: { planned: 12, failed: 1, skipped: 1 } });
    await invoke('alert', await streamEvent(['run']));
    expect(side.published.filter(({ topic }) => topic.endsWith(':deliveries')).length).toBeGreaterThan(5);
  });

  test('slack posts, and puts off what was answered with 429 for the time that was asked', async () => {
    const bodies = side.published.filter(({ topic }) => topic.endsWith(':deliveries')).map(({ message }) => message);
    const records = bodies.slice(0, 3).map((body, index) => ({
      messageId: String(index),
      receiptHandle: `receipt-${index}`,
      body,
      attributes: { ApproximateReceiveCount: '1' },
      messageAttributes: {},
      eventSource: 'aws:sqs',
    }));
    estate.slack.moods.push('rate-limited');
    // The channel asked for a second: its other messages are not posted meanwhile either.
    expect(await invoke('slack', { Records: records })).toEqual({
      batchItemFailures: ['0', '1', '2'].map((itemIdentifier) => ({ itemIdentifier })),
    });
    expect(side.hidden).toEqual([0, 1, 2].map((index) => ({ receipt: `receipt-${index}`, seconds: 1 })));
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    expect(await invoke('slack', { Records: records })).toEqual({ batchItemFailures: [] });
    expect(estate.slack.posts).toHaveLength(3);
    const names = bodies
      .slice(0, 3)
      .map((body) => (JSON.parse(body) as Extract<Delivery, { kind: 'alert' }>).alert.resource.name);
    expect(estate.slack.posts.map(({ text }) => names.some((name) => text.includes(name)))).toEqual([true, true, true]);
  });

  test('query answers, and refuses what it does not know', async () => {
    const summary = await invoke<{ statusCode: number; body: string }>('query', httpEvent('/v1/summary'));
    expect(summary.statusCode).toBe(200);
    expect(JSON.parse(summary.body)).toMatchObject({ coverage: { targets: 12, failed: 1, skipped: 1 } });
    const failing = await invoke<{ body: string }>('query', httpEvent('/v1/findings', 'status=FAIL&limit=2'));
    expect(JSON.parse(failing.body).findings).toHaveLength(2);
    const wrong = await invoke<{ statusCode: number; headers: Record<string, string> }>(
      'query',
      httpEvent('/v1/findings', 'colour=red'),
    );
    expect([wrong.statusCode, wrong.headers['content-type']]).toEqual([400, 'application/problem+json']);
  });
});
