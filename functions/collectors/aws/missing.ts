import type { PlannedTarget, Target } from '#domain/target.ts';
import type { AwsOptions } from './options.ts';

/** An account as a target of its own: only while something is said of it as a whole. */
export function wholeAccount(id: string, name: string | undefined) {
  return { id: `aws:${id}`, provider: 'aws' as const, account: id, ...(name === undefined ? {} : { name }) };
}

/**
 * An account or a region in which clusters were seen, and which is in no list any more. The organisation's list is complete, so an account is missed only in
 * it; regions that are switched off keep their clusters.
 */
export function missingTarget(
  target: Target,
  { regions }: AwsOptions,
  planned: readonly PlannedTarget[],
  wholeOrganization: boolean,
): PlannedTarget | undefined {
  const { account, region, name } = target;
  if (region === undefined) return undefined;
  const own = planned.filter((entry) => entry.target.account === account);
  if (own.length === 0) {
    const message = `account ${account} was scanned before, and the organization does not list it any more`;
    const api = 'organizations:ListAccounts';
    return wholeOrganization
      ? { target: wholeAccount(account, name), failure: { reason: 'not-found', message, api } }
      : undefined;
  }
  // What the account as a whole says, refused or left out, is said of its regions too.
  if (regions !== 'all' || own.some((entry) => entry.target.region === undefined)) return undefined;
  const message = `clusters were seen in ${region}, which is not among the account's enabled regions any more`;
  return {
    target,
    failure: { reason: 'region-disabled', message, api: 'ec2:DescribeRegions' },
  };
}
