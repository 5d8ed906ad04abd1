import { Logger } from '@aws-lambda-powertools/logger';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { once } from '#app/once.ts';
import { environment, optionalEnvironment } from '#config/environment.ts';
import { parseConfig, resolveConfig } from '#config/load.ts';
import type { ResolvedConfig } from '#config/resolved.ts';
import type { Provider } from '#domain/target.ts';
import { readSecret } from './secrets.ts';

export const logger = new Logger({ serviceName: 'ringfence' });

const s3 = once(() => new S3Client({}));

export async function readObject(bucket: string, key: string): Promise<string> {
  const { Body } = await s3().send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  if (Body === undefined) throw new Error(`s3://${bucket}/${key} came without a body`);
  return Body.transformToString('utf8');
}

/** The configuration of this container, read once, with the secrets of the providers that this function serves and no others. */
export function configFor(
  providers: readonly Provider[],
  options: { readonly alerts?: boolean } = {},
): () => Promise<ResolvedConfig> {
  return once(async () => {
    const key = environment('RINGFENCE_CONFIG_KEY');
    const text = await readObject(environment('RINGFENCE_CONFIG_BUCKET'), key);
    const config = await resolveConfig(parseConfig(text, 'ringfence.yaml'), {
      env: process.env,
      readSecret,
      readFile: async (path) => {
        const location = /^s3:\/\/([^/]+)\/(.+)$/.exec(path);
        if (location === null) throw new Error(`${path}: a deployed hub reads s3://bucket/key only`);
        return readObject(location[1] ?? '', location[2] ?? '');
      },
      providers,
      alerts: options.alerts === true,
    });
    return options.alerts === true ? withOwnWebhook(config) : config;
  });
}

/** Where the configuration names no channel, the hub's own secret is one, as soon as somebody filled it. */
async function withOwnWebhook(config: ResolvedConfig): Promise<ResolvedConfig> {
  const arn = optionalEnvironment('RINGFENCE_SLACK_SECRET_ARN');
  if (arn === undefined || config.alerts.slack.length > 0) return config;
  const webhook = (await readSecret(arn)).trim();
  if (!webhook.startsWith('https://')) return config;
  return { ...config, alerts: { ...config.alerts, slack: [{ name: 'default', webhook }] } };
}

/** Every handler: context in the log, one line for a failure, and the failure itself to Lambda, which retries it. */
export function handlerOf<Event, Result>(work: (event: Event, context: Context) => Promise<Result>) {
  return middy<Event, Result>()
    .before(async ({ context }) => {
      logger.addContext(context);
    })
    .onError(async ({ error }) => {
      logger.error('the function failed', { error: error instanceof Error ? error : String(error) });
    })
    .handler(async (event: Event, context: Context) => work(event, context));
}
