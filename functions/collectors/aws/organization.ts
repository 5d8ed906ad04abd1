import {
  type Account,
  ListAccountsCommand,
  ListAccountsForParentCommand,
  ListOrganizationalUnitsForParentCommand,
  type OrganizationsClient,
} from '@aws-sdk/client-organizations';
import type { PlannedTarget } from '#domain/target.ts';
import { classify, isNotInOrganization } from './errors.ts';
import type { AwsOptions } from './options.ts';
import type { scannerPermissions } from './permissions.ts';
import { everyPage } from './read.ts';
import type { AwsSession, Counter } from './session.ts';

/** An account of the configuration or the organisation; `skipped` says why nobody looks into it. */
export interface Listed {
  readonly id: string;
  readonly name?: string;
  readonly skipped?: string;
}

export function organizationFailure(error: unknown): PlannedTarget {
  const { api, cause } = error instanceof ListError ? error : { api: undefined, cause: error };
  const { reason, message } = classify(cause, true);
  const text = isNotInOrganization(cause) ? 'the account is in no organization' : message;
  return {
    target: { id: 'aws:organization', provider: 'aws', account: 'organization', name: 'AWS organization' },
    failure: { reason, message: `the accounts cannot be listed: ${text}`, ...(api === undefined ? {} : { api }) },
  };
}

/** Which of the lists of the organisation was refused. */
class ListError extends Error {
  readonly api: (typeof scannerPermissions)[number];

  constructor(api: ListError['api'], cause: unknown) {
    super(`${api} failed`, { cause });
    this.api = api;
  }
}

async function listing<T>(api: ListError['api'], read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw new ListError(api, error);
  }
}

/** The accounts that are in scope, with those of the organisation that are rightly left out. */
export async function listAccounts(
  options: AwsOptions,
  session: AwsSession,
  home: string | undefined,
  counter: Counter,
  signal: AbortSignal,
): Promise<readonly Listed[]> {
  if (options.organization !== true)
    return options.accounts?.length
      ? [...new Set(options.accounts)].map((id) => ({ id }))
      : home === undefined
        ? []
        : [{ id: home }];
  const client = session.organizations(counter);
  try {
    const found = await organizationAccounts(client, options, signal);
    // Units that overlap list their accounts more than once.
    const listed = [...new Map(found.flatMap(toListed).map((account) => [account.id, account])).values()];
    // An organisation holds at least the account that asks, and whoever chose units expects accounts in them.
    if (listed.length === 0) throw new SyntaxError('the organization lists no account');
    // Configured accounts beside the organisation (a management account whose role is made by hand, an outsider) are scanned too.
    const known = new Set(listed.map(({ id }) => id));
    const further = [...new Set(options.accounts)].filter((id) => !known.has(id));
    return [...listed, ...further.map((id) => ({ id }))];
  } finally {
    client.destroy();
  }
}

async function organizationAccounts(
  client: OrganizationsClient,
  { organizationalUnits }: AwsOptions,
  signal: AbortSignal,
): Promise<readonly Account[]> {
  const include = organizationalUnits?.include ?? [];
  const exclude = organizationalUnits?.exclude ?? [];
  const everywhere = () =>
    listing('organizations:ListAccounts', () =>
      everyPage(async (NextToken) => {
        const answer = await client.send(new ListAccountsCommand(NextToken === undefined ? {} : { NextToken }), {
          abortSignal: signal,
        });
        return { items: answer.Accounts, token: answer.NextToken };
      }),
    );
  const included =
    include.length === 0
      ? await everywhere()
      : (await Promise.all(include.map((unit) => accountsBelow(client, unit, exclude, signal)))).flat();
  if (exclude.length === 0 || include.length > 0) return included;
  const excluded = new Set(
    (await Promise.all(exclude.map((unit) => accountsBelow(client, unit, [], signal)))).flat().map(({ Id }) => Id),
  );
  return included.filter(({ Id }) => !excluded.has(Id));
}

/** ListAccountsForParent does not descend: units are walked. */
async function accountsBelow(
  client: OrganizationsClient,
  ParentId: string,
  exclude: readonly string[],
  signal: AbortSignal,
): Promise<readonly Account[]> {
  if (exclude.includes(ParentId)) return [];
  const options = { abortSignal: signal };
  const [own, units] = await Promise.all([
    listing('organizations:ListAccountsForParent', () =>
      everyPage(async (NextToken) => {
        const answer = await client.send(
          new ListAccountsForParentCommand({ ParentId, ...(NextToken === undefined ? {} : { NextToken }) }),
          options,
        );
        return { items: answer.Accounts, token: answer.NextToken };
      }),
    ),
    listing('organizations:ListOrganizationalUnitsForParent', () =>
      everyPage(async (NextToken) => {
        const answer = await client.send(
          new ListOrganizationalUnitsForParentCommand({ ParentId, ...(NextToken === undefined ? {} : { NextToken }) }),
          options,
        );
        return { items: answer.OrganizationalUnits, token: answer.NextToken };
      }),
    ),
  ]);
  const below = await Promise.all(
    units.flatMap(({ Id }) => (Id === undefined ? [] : [accountsBelow(client, Id, exclude, signal)])),
  );
  return [...own, ...below.flat()];
}

/** `State` replaces `Status`; answers of either age carry one of them. */
function toListed(account: Account): readonly Listed[] {
  const { Id, Name } = account;
  if (Id === undefined) return [];
  const state = (account as { State?: string }).State ?? account.Status;
  const name = Name === undefined ? {} : { name: Name };
  return [{ id: Id, ...name, ...(LEFT_OUT.has(state) ? { skipped: `the account is ${state}` } : {}) }];
}

/** Nobody works in these. A state that is absent or new is no reason not to look: an account that is closed after all says so itself. */
const LEFT_OUT = new Set<string | undefined>(['PENDING_ACTIVATION', 'SUSPENDED', 'PENDING_CLOSURE', 'CLOSED']);
