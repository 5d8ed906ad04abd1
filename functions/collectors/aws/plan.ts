import { DescribeRegionsCommand } from '@aws-sdk/client-ec2';
import {
  type Account,
  ListAccountsCommand,
  ListAccountsForParentCommand,
  ListOrganizationalUnitsForParentCommand,
  type OrganizationsClient,
} from '@aws-sdk/client-organizations';
import { partitionOfRegion } from '#domain/aws-partition.ts';
import type { Plan } from '#domain/collection.ts';
import { inTurns } from '#domain/in-turns.ts';
import type { PlannedTarget } from '#domain/target.ts';
import type { Accounts } from './accounts.ts';
import { classify, isNotInOrganization } from './errors.ts';
import { missingTarget, wholeAccount } from './missing.ts';
import type { AwsOptions } from './options.ts';
import type { scannerPermissions } from './permissions.ts';
import { everyPage } from './read.ts';
import type { AwsSession, Counter } from './session.ts';

const ACCOUNTS_AT_ONCE = 20;

interface Listed {
  readonly id: string;
  readonly name?: string;
  readonly skipped?: string;
}

/** Lists accounts and their regions. Two calls for a single account: who it is (or entering it), and its regions. */
export function planRegions(options: AwsOptions, session: AwsSession, accounts: Accounts): Plan {
  return async ({ signal }) => {
    const counter: Counter = { calls: 0 };
    const targets: PlannedTarget[] = [];
    let home: { readonly account: string; readonly partition: string } | undefined;
    const listed: Listed[] = [];
    let whole = false;
    try {
      home = needsHome(options) ? await session.whoAmI(counter, signal) : undefined;
      listed.push(...(await listAccounts(options, session, home?.account, counter, signal)));
      // Who chose units left the accounts outside of them out on purpose.
      whole = options.organization === true && options.organizationalUnits === undefined;
    } catch (error) {
      targets.push(organizationFailure(error));
      // The accounts that the configuration names are known all the same.
      listed.push(...(options.accounts ?? []).map((id) => ({ id })));
    }
    const partition = home?.partition ?? partitionOfRegion(session.homeRegion);
    const planned = await inTurns(listed, ACCOUNTS_AT_ONCE, (account) =>
      options.roleName === undefined && account.id !== home?.account
        ? Promise.resolve([withoutRole(account)])
        : planAccount(account, partition, options, session, accounts, counter, signal),
    );
    targets.push(...planned.flat());
    return {
      targets,
      apiCalls: counter.calls,
      missing: (target, holdsClusters) => (holdsClusters ? missingTarget(target, options, targets, whole) : undefined),
    };
  };
}

/** Who is calling matters for an organisation (its partition), and wherever no role leads into other accounts. */
function needsHome({ organization, accounts, roleName }: AwsOptions): boolean {
  return organization === true || roleName === undefined || accounts === undefined || accounts.length === 0;
}

function organizationFailure(error: unknown): PlannedTarget {
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

async function listAccounts(
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

/** The caller's own credentials would read the caller's account again and call it by another's name. */
function withoutRole({ id, name, skipped }: Listed): PlannedTarget {
  const target = wholeAccount(id, name);
  if (skipped !== undefined) return { target, skipped };
  return { target, failure: { reason: 'denied', message: `no roleName is configured that leads into account ${id}` } };
}

async function planAccount(
  { id, name, skipped }: Listed,
  partition: string,
  { regions }: AwsOptions,
  session: AwsSession,
  accounts: Accounts,
  counter: Counter,
  signal: AbortSignal,
): Promise<readonly PlannedTarget[]> {
  const whole = wholeAccount(id, name);
  if (skipped !== undefined) return [{ target: whole, skipped }];
  const entered = await accounts.tryEnter(id, partition, counter, signal);
  if ('state' in entered)
    return [{ target: whole, failure: { reason: entered.reason, message: entered.message, api: entered.api } }];
  const clients = session.region(session.homeRegion, entered.keys, counter);
  try {
    const answer = await clients.ec2.send(new DescribeRegionsCommand({ AllRegions: true }), { abortSignal: signal });
    if (answer.Regions === undefined) throw new SyntaxError('the answer holds no regions');
    const optIn = new Map(
      answer.Regions.flatMap(({ RegionName, OptInStatus }) =>
        RegionName === undefined ? [] : [[RegionName, OptInStatus ?? 'opt-in-not-required'] as const],
      ),
    );
    const targets = regionTargets(id, name, partition, { wanted: regions, optIn, homeRegion: session.homeRegion });
    // No account is without a region: nothing to scan would look like nothing to find.
    if (targets.length === 0) throw new SyntaxError('the answer holds no region of this partition');
    return targets;
  } catch (error) {
    const { reason, message } = classify(error, true);
    const failed = {
      target: whole,
      failure: { reason, message: `the regions cannot be listed: ${message}`, api: 'ec2:DescribeRegions' },
    };
    // Regions that the configuration names can be read all the same; what they answer then speaks for itself.
    return regions === 'all'
      ? [failed]
      : [failed, ...regions.map((region) => ({ target: regionTarget(id, name, partition, region) }))];
  } finally {
    clients.destroy();
  }
}

function regionTarget(account: string, name: string | undefined, partition: string, region: string, status?: string) {
  return {
    id: `aws:${account}:${region}`,
    provider: 'aws' as const,
    account,
    region,
    ...(name === undefined ? {} : { name }),
    details: { partition, ...(status === undefined ? {} : { optIn: status }) },
  };
}

interface Regions {
  readonly wanted: AwsOptions['regions'];
  readonly optIn: ReadonlyMap<string, string>;
  readonly homeRegion: string;
}

function regionTargets(
  account: string,
  name: string | undefined,
  partition: string,
  { wanted, optIn, homeRegion }: Regions,
): readonly PlannedTarget[] {
  // AWS lists the regions of its own partition only; emulators list all there are.
  const here = partitionOfRegion(homeRegion);
  const regions =
    wanted === 'all'
      ? [...optIn]
          .filter(([region, status]) => status !== 'not-opted-in' && partitionOfRegion(region) === here)
          .map(([region]) => region)
      : wanted;
  return [...new Set(regions)].sort().map((region) => {
    const status = optIn.get(region);
    const target = regionTarget(account, name, partition, region, status);
    if (status !== undefined && status !== 'not-opted-in') return { target };
    const message = `${region} is not enabled for the account${status === undefined ? ' and not among its regions' : ''}`;
    return { target, failure: { reason: 'region-disabled', message } };
  });
}
