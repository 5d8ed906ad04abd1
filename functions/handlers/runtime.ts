import { readFileSync } from 'node:fs';
import { Logger } from '@aws-lambda-powertools/logger';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import * as v from 'valibot';
import { once } from '#app/once.ts';
import { optionalEnvironment } from '#config/environment.ts';
import { resolveConfig } from '#config/resolve.ts';
import type { ResolvedConfig } from '#config/resolved.ts';
import { ConfigSchema } from '#config/schema.ts';
import type { Provider } from '#domain/target.ts';
import { readSecret } from './secrets.ts';

export const logger = new Logger({ serviceName: 'ringfence' });

/** A busy container lives for hours: a secret that was replaced meanwhile is seen within this time. */
const SECRETS_FRESH_MS = 5 * 60_000;

/**
 * The configuration of this container, with the secrets of the providers that this function serves and no others. It was validated
 * when the hub was synthesised and lies beside the bundle as JSON, so that no function carries a YAML parser or asks S3 at its start.
 */
export function configFor(
  providers: readonly Provider[],
  options: { readonly alerts?: boolean } = {},
): () => Promise<ResolvedConfig> {
  return once(async () => {
    const config = await resolveConfig(v.parse(ConfigSchema, shipped('ringfence.json')), {
      env: process.env,
      readSecret,
      readFile: async (path) => {
        const location = /^s3:\/\/([^/]+)\/(.+)$/.exec(path);
        if (location === null) throw new Error(`${path}: a deployed hub reads s3://bucket/key only`);
        // Few configurations name files: where none does, the function carries no S3 client and takes the runtime's.
        const { readObject } = await import('./objects.ts');
        return readObject(location[1] ?? '', location[2] ?? '');
      },
      providers,
      alerts: options.alerts === true,
    });
    return options.alerts === true ? withOwnWebhook(config) : config;
  }, SECRETS_FRESH_MS);
}

/** A JSON file that was put beside the bundle. */
export function shipped(file: string): unknown {
  return JSON.parse(readFileSync(new URL(`./${file}`, import.meta.url), 'utf8')) as unknown;
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
