import * as v from 'valibot';
import type { Plan } from '#domain/collection.ts';
import type { PlannedTarget } from '#domain/target.ts';
import { everyPage } from '../transport/pages.ts';
import { Refusal } from '../transport/refusal.ts';
import type { IbmHttp } from './http.ts';
import { nextQuery } from './next-query.ts';
import type { IbmOptions } from './options.ts';
import type { Tokens } from './tokens.ts';

const Page = v.object({
  resources: v.array(v.object({ id: v.string(), name: v.optional(v.string()), state: v.optional(v.string()) })),
  next_url: v.optional(v.nullable(v.string())),
});

/** The configured accounts, and every child that the enterprise lists: one without a readable identity of its own is visible as such. */
export function planAccounts(options: IbmOptions, http: IbmHttp, tokens: Tokens): Plan {
  return async ({ signal }) => {
    const counter = { calls: 0 };
    const configured = new Set(options.accounts.map(({ id }) => id));
    const own: PlannedTarget[] = options.accounts.map(({ id }) => ({
      target: { id: `ibm:${id}`, provider: 'ibm', account: id },
    }));
    if (options.enterprise === undefined) return { targets: own, apiCalls: 0 };
    try {
      const children = await listChildren(options, http, tokens, counter, signal);
      const named = new Map(children.map(({ target }) => [target.account, target.name]));
      const others = children.filter(({ target }) => !configured.has(target.account));
      const withNames = own.map(({ target, ...rest }) => {
        const name = named.get(target.account);
        return { ...rest, target: name === undefined ? target : { ...target, name } };
      });
      return { targets: [...withNames, ...others], apiCalls: counter.calls };
    } catch (error) {
      const { reason, message } = error instanceof Refusal ? error : new Refusal('malformed-answer', String(error));
      const { id } = options.enterprise;
      const target = { id: `ibm:enterprise:${id}`, provider: 'ibm' as const, account: id, name: 'IBM enterprise' };
      return {
        targets: [
          ...own,
          { target, failure: { reason, message: `the accounts of the enterprise cannot be listed: ${message}` } },
        ],
        apiCalls: counter.calls,
      };
    }
  };
}

async function listChildren(
  options: IbmOptions,
  http: IbmHttp,
  tokens: Tokens,
  counter: { calls: number },
  signal: AbortSignal,
): Promise<readonly PlannedTarget[]> {
  const { enterprise, endpoints } = options;
  if (enterprise === undefined) return [];
  const account = { id: `enterprise:${enterprise.id}`, apiKey: enterprise.apiKey };
  const children = await everyPage(
    async (query, size = 100) => {
      const first = `?enterprise_id=${encodeURIComponent(enterprise.id)}&limit=${size}`;
      const url = `${endpoints.enterprise}/accounts${query ?? first}`;
      const { body } = await tokens.use(account, counter, signal, (token) =>
        http.json({ url, headers: { authorization: `Bearer ${token}` }, signal }, counter),
      );
      const page = v.safeParse(Page, body);
      if (!page.success) throw new Refusal('malformed-answer', 'the list of accounts lacks its resources');
      return { items: page.output.resources, token: nextQuery(page.output.next_url) };
    },
    { loop: 'truncated', smaller: [10] },
  );
  return children.map(toTarget);
}

function toTarget({
  id,
  name,
  state,
}: {
  readonly id: string;
  readonly name?: string | undefined;
  readonly state?: string | undefined;
}): PlannedTarget {
  const target = { id: `ibm:${id}`, provider: 'ibm' as const, account: id, ...(name === undefined ? {} : { name }) };
  // A child without an identity of its own is collected too: the collector says for each of its controls that nobody gets in.
  return state !== undefined && state.toUpperCase() !== 'ACTIVE'
    ? { target, skipped: `the account is ${state}` }
    : { target };
}
