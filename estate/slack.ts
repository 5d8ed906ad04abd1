import { type LoopbackServer, startJson } from './http.ts';

interface SlackText {
  readonly text: string;
}

/** A message as Slack would have got it. */
export interface SlackPost {
  readonly text: string;
  readonly blocks: readonly {
    readonly type: string;
    readonly text?: SlackText;
    readonly elements?: readonly SlackText[];
  }[];
}

/** ok: accepted. rate-limited: 429 with Retry-After. broken: 500. silent: never answers. login-page: 200 that is no acceptance. */
export type SlackMood = 'ok' | 'rate-limited' | 'broken' | 'silent' | 'login-page';

export interface SlackReceiver extends LoopbackServer {
  /** Accepted messages in their order. */
  readonly posts: SlackPost[];
  /** Attempts, accepted or not. */
  readonly attempts: { count: number };
  /** Moods of the next requests; `ok` when there are none left. */
  readonly moods: SlackMood[];
}

/** An incoming webhook on loopback that can have bad days. */
export async function startSlack(): Promise<SlackReceiver> {
  const posts: SlackPost[] = [];
  const moods: SlackMood[] = [];
  const attempts = { count: 0 };
  const server = await startJson(async ({ body }) => {
    attempts.count += 1;
    const plain = { 'content-type': 'text/plain' };
    switch (moods.shift() ?? 'ok') {
      case 'rate-limited':
        return { status: 429, headers: { ...plain, 'retry-after': '1' }, body: null, text: 'rate_limited' };
      case 'broken':
        return { status: 500, headers: plain, body: null, text: 'server_error' };
      case 'silent':
        return undefined;
      case 'login-page':
        return { headers: { 'content-type': 'text/html' }, body: null, text: '<!doctype html><title>Sign in</title>' };
      case 'ok':
        posts.push(JSON.parse(body) as SlackPost);
        return { headers: plain, body: null, text: 'ok' };
    }
  });
  return { url: `${server.url}/services/T0/B0/simulated`, close: server.close, posts, attempts, moods };
}
