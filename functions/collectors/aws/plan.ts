import { DescribeRegionsCommand } from '@aws-sdk/client-ec2';
import { partitionOfRegion } from '#domain/aws-partition.ts';
import type { Plan } from '#domain/collection.ts';
import { mapConcurrently } from '#domain/map-concurrently.ts';
import type { PlannedTarget } from '#domain/target.ts';
import type { Accounts } from './accounts.ts';
import { classify } from './errors.ts';
import { missingTarget, wholeAccount } from './missing.ts';
import type { AwsOptions } from './options.ts';
import { type Listed, listAccounts, organizationFailure } from './organization.ts';
import type { AwsSession, Counter } from './session.ts';

const ACCOUNTS_AT_ONCE = 20;

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
    const planned = await mapConcurrently(listed, ACCOUNTS_AT_ONCE, (account) =>
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
