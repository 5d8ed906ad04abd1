import type { CollectContext, DoctorRow } from '#domain/collection.ts';
import type { Refusal } from '../transport/refusal.ts';
import type { Arm } from './arm.ts';
import { readResourceGroups } from './graph.ts';
import type { AzureTenantOptions } from './options.ts';
import { type AzurePermission, permissions } from './permissions.ts';
import { listSubscriptions, type Scope, scopeOf } from './subscriptions.ts';
import type { Tenants } from './tenants.ts';
import { isRecord, troubleOfError } from './trouble.ts';

type Attempt = Pick<DoctorRow, 'outcome' | 'detail'>;

interface Way {
  readonly path: string;
  readonly version: string;
  /** A sub-resource list needs a parent: the first one that the parent's own list shows. */
  readonly within?: AzurePermission;
}

const NETWORK = '2024-05-01';
const PERIMETER = '2024-07-01';

/** How each permission is tried: the list call that needs it. */
const WAYS: Readonly<
  Record<Exclude<AzurePermission, 'Microsoft.Resources/subscriptions/read' | `Microsoft.Management/${string}`>, Way>
> = {
  'Microsoft.Resources/subscriptions/resourceGroups/read': { path: '/resourcegroups', version: '2022-09-01' },
  'Microsoft.ContainerService/managedClusters/read': {
    path: '/providers/Microsoft.ContainerService/managedClusters',
    version: '2025-05-01',
  },
  'Microsoft.ContainerService/managedClusters/agentPools/read': {
    path: '/agentPools',
    version: '2025-05-01',
    within: 'Microsoft.ContainerService/managedClusters/read',
  },
  'Microsoft.ContainerService/managedClusters/privateEndpointConnections/read': {
    path: '/privateEndpointConnections',
    version: '2025-05-01',
    within: 'Microsoft.ContainerService/managedClusters/read',
  },
  'Microsoft.Network/virtualNetworks/read': { path: '/providers/Microsoft.Network/virtualNetworks', version: NETWORK },
  'Microsoft.Network/virtualNetworks/subnets/read': {
    path: '/subnets',
    version: NETWORK,
    within: 'Microsoft.Network/virtualNetworks/read',
  },
  'Microsoft.Network/routeTables/read': { path: '/providers/Microsoft.Network/routeTables', version: NETWORK },
  'Microsoft.Network/routeTables/routes/read': {
    path: '/routes',
    version: NETWORK,
    within: 'Microsoft.Network/routeTables/read',
  },
  'Microsoft.Network/loadBalancers/read': { path: '/providers/Microsoft.Network/loadBalancers', version: NETWORK },
  'Microsoft.Network/publicIPAddresses/read': {
    path: '/providers/Microsoft.Network/publicIPAddresses',
    version: NETWORK,
  },
  'Microsoft.Network/publicIPPrefixes/read': {
    path: '/providers/Microsoft.Network/publicIPPrefixes',
    version: NETWORK,
  },
  'Microsoft.Network/natGateways/read': { path: '/providers/Microsoft.Network/natGateways', version: NETWORK },
  'Microsoft.Network/networkSecurityGroups/read': {
    path: '/providers/Microsoft.Network/networkSecurityGroups',
    version: NETWORK,
  },
  'Microsoft.Network/azureFirewalls/read': { path: '/providers/Microsoft.Network/azureFirewalls', version: NETWORK },
  'Microsoft.Network/firewallPolicies/read': {
    path: '/providers/Microsoft.Network/firewallPolicies',
    version: NETWORK,
  },
  'Microsoft.Network/firewallPolicies/ruleCollectionGroups/read': {
    path: '/ruleCollectionGroups',
    version: NETWORK,
    within: 'Microsoft.Network/firewallPolicies/read',
  },
  'Microsoft.Network/ipGroups/read': { path: '/providers/Microsoft.Network/ipGroups', version: NETWORK },
  'Microsoft.Network/networkSecurityPerimeters/read': {
    path: '/providers/Microsoft.Network/networkSecurityPerimeters',
    version: PERIMETER,
  },
  'Microsoft.Network/networkSecurityPerimeters/profiles/read': {
    path: '/profiles',
    version: PERIMETER,
    within: 'Microsoft.Network/networkSecurityPerimeters/read',
  },
  'Microsoft.Network/networkSecurityPerimeters/profiles/accessRules/read': {
    path: '/accessRules',
    version: PERIMETER,
    within: 'Microsoft.Network/networkSecurityPerimeters/profiles/read',
  },
  'Microsoft.Network/networkSecurityPerimeters/resourceAssociations/read': {
    path: '/resourceAssociations',
    version: PERIMETER,
    within: 'Microsoft.Network/networkSecurityPerimeters/read',
  },
  'Microsoft.Network/privateEndpoints/read': {
    path: '/providers/Microsoft.Network/privateEndpoints',
    version: NETWORK,
  },
  'Microsoft.Network/privateLinkServices/read': {
    path: '/providers/Microsoft.Network/privateLinkServices',
    version: NETWORK,
  },
  'Microsoft.Network/privateDnsZones/read': {
    path: '/providers/Microsoft.Network/privateDnsZones',
    version: '2020-06-01',
  },
  'Microsoft.Network/privateDnsZones/virtualNetworkLinks/read': {
    path: '/virtualNetworkLinks',
    version: '2020-06-01',
    within: 'Microsoft.Network/privateDnsZones/read',
  },
  'Microsoft.Network/virtualNetworkGateways/read': {
    path: '/providers/Microsoft.Network/virtualNetworkGateways',
    version: NETWORK,
  },
  'Microsoft.Network/applicationGateways/read': {
    path: '/providers/Microsoft.Network/applicationGateways',
    version: NETWORK,
  },
  'Microsoft.Network/networkInterfaces/read': {
    path: '/providers/Microsoft.Network/networkInterfaces',
    version: NETWORK,
  },
  'Microsoft.Compute/virtualMachineScaleSets/read': {
    path: '/providers/Microsoft.Compute/virtualMachineScaleSets',
    version: '2024-07-01',
  },
  'Microsoft.Compute/virtualMachineScaleSets/publicIPAddresses/read': {
    path: '/publicIPAddresses',
    version: '2018-10-01',
    within: 'Microsoft.Compute/virtualMachineScaleSets/read',
  },
  'Microsoft.ContainerRegistry/registries/read': {
    path: '/providers/Microsoft.ContainerRegistry/registries',
    version: '2023-07-01',
  },
  'Microsoft.KeyVault/vaults/read': { path: '/providers/Microsoft.KeyVault/vaults', version: '2023-07-01' },
  'Microsoft.Insights/diagnosticSettings/read': {
    path: '/providers/Microsoft.Insights/diagnosticSettings',
    version: '2021-05-01-preview',
    within: 'Microsoft.ContainerService/managedClusters/read',
  },
};

const isWay = (permission: AzurePermission): permission is keyof typeof WAYS => permission in WAYS;

/** Tries every permission in every tenant and subscription. Virtual network gateways have no list of a whole subscription. */
export function examine(tenants: Tenants): (context: CollectContext) => Promise<readonly DoctorRow[]> {
  return async (context) => {
    const rows: DoctorRow[] = [];
    for (const tenant of tenants.all) rows.push(...(await examineTenant(tenants, tenant, context)));
    return rows;
  };
}

async function examineTenant(
  tenants: Tenants,
  tenant: AzureTenantOptions,
  { signal }: CollectContext,
): Promise<readonly DoctorRow[]> {
  const rows: DoctorRow[] = [];
  const add = (account: string, permission: AzurePermission, attempt: Attempt) =>
    rows.push({ provider: 'azure', account, permission, ...attempt });
  try {
    const arm = tenants.arm(tenant, signal, () => undefined);
    const { visible, trouble } = await listSubscriptions(arm);
    add(
      tenant.id,
      'Microsoft.Resources/subscriptions/read',
      outcomeOf(trouble, `${visible.length} subscriptions are visible`),
    );
    const groups = '/providers/Microsoft.Management/managementGroups';
    add(
      tenant.id,
      'Microsoft.Management/managementGroups/read',
      await attempt(arm, `${groups}?api-version=2020-05-01`),
    );
    add(
      tenant.id,
      'Microsoft.Management/managementGroups/descendants/read',
      await attempt(arm, `${groups}/${tenant.id}/descendants?api-version=2020-05-01`),
    );
    const { active, missing } = scopeOf(tenant, visible);
    for (const id of missing)
      add(id, 'Microsoft.Resources/subscriptions/read', {
        outcome: 'failed',
        detail: 'expected, but not visible to this identity',
      });
    rows.push({ provider: 'azure', account: tenant.id, ...(await attemptGraph(arm, active)) });
    for (const subscription of active) await examineSubscription(arm, subscription, add);
  } catch (error) {
    add(tenant.id, 'Microsoft.Resources/subscriptions/read', {
      outcome: 'failed',
      detail: troubleOfError(`tenant ${tenant.id}`, error).message,
    });
  }
  return rows;
}

/** Everything about networks comes from here. It needs no action of its own and says nothing of what the role may not read. */
async function attemptGraph(arm: Arm, active: Scope['active']): Promise<Attempt & Pick<DoctorRow, 'permission'>> {
  const { rows, trouble } = await readResourceGroups(
    arm,
    active.map(({ spelled }) => spelled),
  );
  const seen = new Set(rows.map(({ subscription }) => subscription));
  const silent = active.filter(({ id }) => !seen.has(id)).map(({ name }) => name);
  const detail = `${rows.length} resource groups in ${seen.size} of ${active.length} subscriptions`;
  return {
    permission: 'Microsoft.ResourceGraph/resources',
    ...outcomeOf(trouble, silent.length === 0 ? detail : `${detail}; it shows nothing of ${silent.join(', ')}`),
  };
}

async function examineSubscription(
  arm: Arm,
  { id, spelled }: Scope['active'][number],
  add: (account: string, permission: AzurePermission, attempt: Attempt) => void,
): Promise<void> {
  const firsts = new Map<AzurePermission, string>();
  for (const permission of permissions) {
    if (!isWay(permission)) continue;
    const { path, version, within } = WAYS[permission];
    const parent = within === undefined ? `/subscriptions/${spelled}` : firsts.get(within);
    if (permission === 'Microsoft.Network/virtualNetworkGateways/read') {
      add(id, permission, {
        outcome: 'untried',
        detail: 'Azure lists gateways by resource group only; the scan reads them through Resource Graph',
      });
    } else if (parent === undefined) {
      add(id, permission, { outcome: 'untried', detail: 'the subscription shows nothing to try it on' });
    } else {
      add(
        id,
        permission,
        await attempt(arm, `${parent}${path}?api-version=${version}`, (first) => firsts.set(permission, first)),
      );
    }
  }
}

async function attempt(arm: Arm, path: string, found: (id: string) => void = () => undefined): Promise<Attempt> {
  const { items, trouble } = await arm.list('list', path);
  const first = items.find((item) => isRecord(item) && typeof item['id'] === 'string');
  if (isRecord(first)) found(String(first['id']));
  return outcomeOf(trouble, `${items.length} listed`);
}

function outcomeOf(trouble: Refusal | undefined, detail: string): Attempt {
  if (trouble === undefined) return { outcome: 'allowed', detail };
  const denied = trouble.reason === 'denied' || trouble.reason === 'denied-by-policy';
  return { outcome: denied ? 'denied' : 'failed', detail: trouble.message };
}
