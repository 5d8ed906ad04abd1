import { accountOfEgressId, normalEgressId } from '#domain/central-egress.ts';
import { EGRESS_CLOUDS, type EgressCloud } from '#domain/provider-facts.ts';
import type { Problem } from './problem.ts';
import { type Config, referenceOf } from './schema.ts';

/** A declaration for an id that no scan meets would decide nothing, and nobody would notice. What only the clouds know, the scan reports. */
export function egressProblems(config: Config): readonly Problem[] {
  return EGRESS_CLOUDS.flatMap((cloud): readonly Problem[] => {
    const declared = config[cloud]?.centralEgress;
    if (typeof declared !== 'object') return [];
    const accounts = accountsOf(cloud, config);
    const seen = new Set<string>();
    return Object.keys(declared).flatMap((key): readonly Problem[] => {
      const path = [cloud, 'centralEgress', key];
      const id = normalEgressId(cloud, key);
      if (seen.has(id)) return [{ path, message: 'is there already' }];
      seen.add(id);
      const account = accountOfEgressId(cloud, key);
      if (account === undefined || accounts === undefined || accounts.has(normalEgressId(cloud, account))) return [];
      return [
        {
          path,
          message: `matches nothing: account ${account} is not scanned (${ACCOUNTS[cloud]} lists those that are)`,
        },
      ];
    });
  });
}

const ACCOUNTS: Readonly<Record<EgressCloud, string>> = {
  aws: 'aws.accounts',
  azure: 'azure.tenants[].subscriptions',
  ibm: 'ibm.accounts',
};

/** The accounts that are scanned, where the file alone says which they are. */
function accountsOf(cloud: EgressCloud, config: Config): ReadonlySet<string> | undefined {
  const listed = listedAccounts(config)[cloud];
  if (listed === undefined || listed.some((id) => referenceOf(id) !== undefined)) return undefined;
  return new Set(listed.map((id) => normalEgressId(cloud, id)));
}

function listedAccounts({ aws, azure, ibm }: Config): Readonly<Record<EgressCloud, readonly string[] | undefined>> {
  const subscriptions = azure?.tenants.map((tenant) => tenant.subscriptions) ?? [];
  return {
    aws: aws?.organization === true ? undefined : aws?.accounts,
    azure: subscriptions.includes('all') ? undefined : subscriptions.flat(),
    ibm: ibm?.enterprise === undefined ? ibm?.accounts.map(({ id }) => id) : undefined,
  };
}
