import * as v from 'valibot';
import type { Plan } from '#domain/collection.ts';
import type { PlannedTarget } from '#domain/target.ts';
import { type IbmHttp, IbmRefusal } from './http.ts';
import type { IbmOptions } from './options.ts';
import type { Tokens } from './tokens.ts';

const Page = v.object({
  resources: v.array(v.object({ id: v.string(), name: v.optional(v.string()), state: v.optional(v.string()) })),
  next_url: v.optional(v.nullable(v.string())),
});

const MOST_PAGES = 1_000;

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
      const { reason, message } =
        error instanceof IbmRefusal ? error : new IbmRefusal('malformed-answer', String(error));
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
  const children: PlannedTarget[] = [];
  const seen = new Set<string>();
  let url: string | undefined =
    `${endpoints.enterprise}/accounts?enterprise_id=${encodeURIComponent(enterprise.id)}&limit=100`;
  while (url !== undefined) {
    const at: string = url;
    if (seen.has(at) || seen.size >= MOST_PAGES)
      throw new IbmRefusal('truncated', 'the list of accounts repeats its pages');
    seen.add(at);
    const { body } = await tokens.use(account, counter, signal, (token) =>
      http.json({ url: at, headers: { authorization: `Bearer ${token}` }, signal }, counter),
    );
    const page = v.safeParse(Page, body);
    if (!page.success) throw new IbmRefusal('malformed-answer', 'the list of accounts lacks its resources');
    children.push(...page.output.resources.map(toTarget));
    url = nextPage(page.output.next_url, endpoints.enterprise);
  }
  return children;
}

/** Only the query is taken from the answer: the token goes to the configured host and to no other. */
function nextPage(next: string | null | undefined, base: string): string | undefined {
  if (next === undefined || next === null || next === '') return undefined;
  const query = URL.parse(next, 'https://unused.invalid')?.search ?? '';
  return `${base}/accounts${query}`;
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
