import { IncomingWebhook } from '@slack/webhook';
import { LIMITS, readText } from '#collectors/transport/body.ts';
import { retryAfterOf } from '#collectors/transport/retry-after.ts';
import type { SlackMessage } from './slack-blocks.ts';

export type PostResult =
  | { readonly state: 'accepted' }
  | { readonly state: 'refused'; readonly detail: string; readonly retryAfterSeconds?: number };

const TIMEOUT_MS = 10_000;

/**
 * Posts to an incoming webhook once. Accepted means HTTP 200 with the body `ok`; a proxy's 200 with a login page is no acceptance. Never
 * throws, and never tells the webhook's address, which is a secret.
 */
export async function postToSlack(webhook: string, message: SlackMessage, timeoutMs = TIMEOUT_MS): Promise<PostResult> {
  let retryAfter: string | null = null;
  const client = new IncomingWebhook(webhook, {
    timeout: timeoutMs,
    fetch: async (input, init) => {
      const answer = await fetch(input, init);
      const { status, headers } = answer;
      retryAfter = headers.get('retry-after');
      return new Response(await readText(answer, LIMITS.receipt), { status, headers });
    },
  });
  try {
    const { text } = await client.send({ text: message.text, blocks: message.blocks as never });
    return text.trim() === 'ok'
      ? { state: 'accepted' }
      : { state: 'refused', detail: `200 with the body ${shorten(text)}` };
  } catch (error) {
    return { state: 'refused', detail: describe(error, webhook), ...waitOf(retryAfter) };
  }
}

function waitOf(header: string | null): { readonly retryAfterSeconds?: number } {
  const wait = retryAfterOf(header, Date.now());
  return wait === undefined ? {} : { retryAfterSeconds: Math.max(Math.ceil(wait / 1000), 1) };
}

function describe(error: unknown, webhook: string): string {
  const message = error instanceof Error ? error.message : String(error);
  return shorten(message.replaceAll(webhook, 'the webhook'));
}

function shorten(text: string): string {
  return text.replaceAll(/\s+/g, ' ').slice(0, 200);
}
