import type { DoctorRow, ProviderPort } from '#domain/collection.ts';
import type { Target } from '#domain/target.ts';
import { type AccountReading, type IbmCollectDependencies, readAccount } from './collect.ts';
import { permissions } from './permissions.ts';

/** Why a read was not made, where nothing went wrong. */
const UNTRIED: Readonly<Partial<Record<(typeof permissions)[number], string>>> = {
  'classic:isConnectedToPrivateEndpointService': 'no classic account is linked',
  'containers:getSecurityGroups': 'asked only where a worker subnet of a VPC has a path out',
  'containers:getVlanSpanning': 'asked only where classic workers stand in several zones or VLANs',
  'vpc:getSubnet': 'no VPC workers to try it on',
  'vpc:listRoutes': 'no VPC workers to try it on',
  'vpc:listFloatingIps': 'asked only where a route of a worker subnet leads to an address',
  'vpc:listSecurityGroups': 'asked only where a worker subnet of a VPC has a path out',
  'vpc:listLoadBalancers': 'no VPC cluster to try it on',
  'vpc:listPoolMembers': 'asked only of public load balancers that neither name nor security group identifies',
  'cbr:getZones': 'asked only where a restriction names a network zone',
  'resource-controller:listInstances': 'asked only where no cluster is visible',
};

/** The reads of a scan are the reads to try: what they refuse is what is missing. */
export function doctorOf(plan: ProviderPort['plan'], reads: IbmCollectDependencies): ProviderPort['doctor'] {
  return async (context) => {
    const rows: DoctorRow[] = [];
    if (reads.options.enterprise !== undefined) rows.push(enterpriseRow(reads.options.enterprise.id, undefined));
    for (const { target, failure, skipped } of (await plan(context)).targets) {
      if (skipped !== undefined) continue;
      // Only the list of the enterprise can fail in planning.
      if (failure !== undefined) rows[0] = enterpriseRow(target.account, failure);
      else rows.push(...rowsOf(target, await readAccount(reads, target, context)));
    }
    return rows;
  };
}

function enterpriseRow(
  id: string,
  failure: { readonly reason: string; readonly message: string } | undefined,
): DoctorRow {
  return {
    provider: 'ibm',
    account: id,
    permission: 'enterprise:listAccounts',
    outcome: failure === undefined ? 'allowed' : failure.reason === 'denied' ? 'denied' : 'failed',
    detail: failure?.message ?? '',
  };
}

function rowsOf({ account }: Target, { tried }: AccountReading): readonly DoctorRow[] {
  const row = { provider: 'ibm', account };
  const entry = tried.get('iam:token');
  // Whoever does not get in has nothing else to try.
  if (entry !== undefined && entry.outcome !== 'allowed') return [{ ...row, permission: 'iam:token', ...entry }];
  return permissions
    .filter((permission) => permission !== 'enterprise:listAccounts')
    .map((permission) => {
      const found = tried.get(permission);
      return found === undefined
        ? { ...row, permission, outcome: 'untried', detail: UNTRIED[permission] ?? 'no cluster to try it on' }
        : { ...row, permission, ...found };
    });
}
