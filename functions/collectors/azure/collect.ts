import { parseArmId } from '#domain/arm-id.ts';
import { collected, unavailable } from '#domain/collected.ts';
import type { Collect, CollectContext, Collection, Gap, Subject } from '#domain/collection.ts';
import type { AksEvidence } from '#domain/evidence/aks.ts';
import { mapConcurrently } from '#domain/map-concurrently.ts';
import type { Target } from '#domain/target.ts';
import { Refusal } from '../transport/refusal.ts';
import { applicationGateway, gatewaysInFront } from './application-gateways.ts';
import type { Arm } from './arm.ts';
import { clusterFacts } from './cluster.ts';
import { networkOf } from './connection.ts';
import { dependencies } from './dependencies.ts';
import { readConnections, readDiagnosticSettings } from './details.ts';
import { value } from './facts.ts';
import type { ReadGroups } from './firewall-policies.ts';
import { firewallsOf } from './firewalls.ts';
import { NetworkSnapshot } from './network-snapshot.ts';
import { nodeGroup } from './node-group.ts';
import type { AzureTenantOptions } from './options.ts';
import type { SharedReadings } from './shared.ts';
import { apiServerSubnet, subnetFacts, subnetsOf } from './subnets.ts';
import type { Tenants } from './tenants.ts';
import { isRecord, troubleOfError } from './trouble.ts';

const LIST = 'Microsoft.ContainerService/managedClusters/read';
const GRAPH = 'Microsoft.Network/virtualNetworks/read';

/** Reads one subscription: its clusters, what stands behind their networks, and two small reads for each cluster. */
export function collectSubscription(tenants: Tenants, shared: SharedReadings): Collect {
  return async (target, context) => {
    let apiCalls = 0;
    const count = () => {
      apiCalls += 1;
    };
    const done = (part: Omit<Collection, 'apiCalls'>): Collection => ({ ...part, apiCalls });
    const tenant = tenants.byId(target.details?.['tenant']);
    const lost = (trouble: Refusal): Collection =>
      done({ subjects: [], inventoryComplete: false, gaps: [{ ...gapOf(trouble), api: LIST }] });
    if (tenant === undefined)
      return lost(new Refusal('not-found', `tenant ${target.details?.['tenant']} is not configured`));
    try {
      const arm = tenants.arm(tenant, context.signal, count, target.details?.['subscription'] ?? target.account);
      const { items, trouble } = await arm.listManagedClusters(`managed clusters of subscription ${target.account}`);
      const { clusters, strays } = partitionListed(items, target);
      const gaps: Gap[] = [...(trouble === undefined ? [] : [{ ...gapOf(trouble), api: LIST }]), ...strays];
      const inventoryComplete = gaps.length === 0;
      // No cluster, nothing to ask about: an empty subscription costs one call.
      if (clusters.length === 0) return done({ subjects: [], inventoryComplete, gaps });
      const reading = new Reading(arm, tenant, target, context, shared, count);
      const network = await reading.network();
      const read = await mapConcurrently(clusters, tenants.concurrency, (cluster) => reading.cluster(cluster, network));
      return done({
        subjects: read.map(({ subject }) => subject),
        inventoryComplete,
        gaps: [
          ...gaps,
          ...network.troubles.map((entry) => ({ ...gapOf(entry), api: GRAPH })),
          ...read.flatMap((entry) => entry.gaps),
        ],
      });
    } catch (error) {
      return lost(troubleOfError(`subscription ${target.account}`, error));
    }
  };
}

interface Listed {
  readonly id: string;
  /** The id as ARM spelled it, for paths. */
  readonly path: string;
  readonly name: string;
  readonly location: string;
  readonly item: Readonly<Record<string, unknown>>;
}

/**
 * An item without an id cannot even be named: it leaves the inventory incomplete. So does one whose id leads elsewhere: a cluster of another
 * subscription would be judged under this one's name, and paths made of its id would be read instead of its own.
 */
function partitionListed(
  items: readonly unknown[],
  target: Target,
): { readonly clusters: readonly Listed[]; readonly strays: readonly Gap[] } {
  const clusters = new Map<string, Listed>();
  let nameless = 0;
  let foreign = 0;
  for (const item of items) {
    if (!isRecord(item) || typeof item['id'] !== 'string' || !item['id'].startsWith('/')) {
      nameless += 1;
      continue;
    }
    const path = item['id'];
    const id = path.toLowerCase();
    if (subscriptionOf(id) !== target.account.toLowerCase()) {
      foreign += 1;
      continue;
    }
    const { name, location } = item;
    clusters.set(id, {
      id,
      path,
      name: typeof name === 'string' ? name : (id.split('/').at(-1) ?? id),
      location: typeof location === 'string' ? location : '',
      item,
    });
  }
  const strays = [
    ...(nameless === 0 ? [] : [`${nameless} listed clusters of ${target.account} carry no id`]),
    ...(foreign === 0 ? [] : [`${foreign} listed clusters carry an id that is none of a cluster of ${target.account}`]),
  ].map((message): Gap => ({ reason: 'malformed-answer', message, api: LIST }));
  return { clusters: [...clusters.values()].sort((a, b) => (a.id < b.id ? -1 : 1)), strays };
}

/** Of a managed cluster's id in lower case; undefined for every other path, and for one that a URL would read as another. */
function subscriptionOf(id: string): string | undefined {
  if (/[?#%\\]/.test(id) || id.split('/').some((part) => part === '.' || part === '..')) return undefined;
  const { subscription, path = [] } = parseArmId(id) ?? {};
  return path.at(-1)?.type === 'managedclusters' ? subscription : undefined;
}

function gapOf({ reason, message }: Refusal): Pick<Gap, 'reason' | 'message'> {
  return { reason, message };
}

/** One subscription's reading in progress. */
class Reading {
  readonly #arm: Arm;
  readonly #tenant: AzureTenantOptions;
  readonly #target: Target;
  readonly #context: CollectContext;
  readonly #shared: SharedReadings;
  readonly #count: () => void;
  readonly #ruleGroups: ReadGroups;

  constructor(
    arm: Arm,
    tenant: AzureTenantOptions,
    target: Target,
    context: CollectContext,
    shared: SharedReadings,
    count: () => void,
  ) {
    this.#arm = arm;
    this.#tenant = tenant;
    this.#target = target;
    this.#context = context;
    this.#shared = shared;
    this.#count = count;
    this.#ruleGroups = shared.ruleGroups(tenant, target.details?.['scan'], context, count);
  }

  readonly #at = (): string => this.#context.now().toISOString();

  async network(): Promise<NetworkSnapshot> {
    const { account, details } = this.#target;
    try {
      return await this.#shared.networks(
        this.#tenant,
        details?.['scan'],
        account.toLowerCase(),
        this.#context,
        this.#count,
      );
    } catch (error) {
      return new NetworkSnapshot(
        { rows: [], trouble: troubleOfError('Resource Graph', error) },
        { rows: [] },
        [account],
        this.#at(),
      );
    }
  }

  async cluster(
    listed: Listed,
    snapshot: NetworkSnapshot,
  ): Promise<{ readonly subject: Subject<'aks'>; readonly gaps: readonly Gap[] }> {
    const evidence = await this.#evidence(listed, snapshot);
    const { id, name, location } = listed;
    const subject: Subject<'aks'> = {
      kind: 'aks',
      resource: {
        uid: id,
        type: 'azure.aks.cluster',
        provider: 'azure',
        account: this.#target.account,
        region: location,
        name,
      },
      evidence,
    };
    return { subject, gaps: gapsOf(id, evidence) };
  }

  async #evidence({ id, path, item }: Listed, snapshot: NetworkSnapshot): Promise<AksEvidence> {
    const source = { api: LIST, at: this.#at() };
    const properties = item['properties'];
    const subscriptions = [...snapshot.subscriptions].sort();
    if (!isRecord(properties)) {
      const missing = unavailable(
        properties === undefined || properties === null ? 'absent-field' : 'malformed-answer',
        `${id}: the answer carries no properties`,
        LIST,
      );
      return {
        id,
        cluster: missing,
        subnets: [],
        apiServerSubnet: missing,
        nodeGroup: missing,
        applicationGateway: missing,
        dependencies: missing,
        firewalls: missing,
        gateways: missing,
        diagnosticSettings: missing,
        privateEndpointConnections: missing,
        subscriptions,
      };
    }
    const cluster = clusterFacts(item, properties);
    const group = nodeGroup(this.#target.account, cluster, snapshot);
    const subnets = subnetsOf(cluster, group, snapshot).map((use) => ({
      ...use,
      facts: subnetFacts(use.id, snapshot),
    }));
    const subnetIds = subnets.map((use) => use.id);
    const managed = group.state === 'collected' ? group.value.networks.map((network) => network.id) : [];
    const networks = [...new Set([...subnetIds.map(networkOf), ...managed])];
    const [diagnosticSettings, privateEndpointConnections, firewalls] = await Promise.all([
      readDiagnosticSettings(this.#arm, path, this.#at),
      readConnections(this.#arm, path, cluster, this.#at),
      firewallsOf(subnets, networks, snapshot, this.#ruleGroups),
    ]);
    return {
      id,
      cluster: collected(cluster, source),
      subnets,
      apiServerSubnet: apiServerSubnet(cluster, snapshot),
      nodeGroup: group,
      applicationGateway: applicationGateway(cluster, snapshot),
      dependencies: dependencies(cluster, subnetIds, snapshot),
      firewalls,
      gateways: gatewaysInFront(cluster, networks, snapshot),
      diagnosticSettings,
      privateEndpointConnections,
      subscriptions,
    };
  }
}

/**
 * Parts of a cluster that the subscription should have told. Not gaps: what lies outside the scan (`not-scanned`), and a cluster that
 * went away between the listing and the next read (`not-found` on its own sub-resources); the verdicts say so by themselves.
 */
function gapsOf(resource: string, evidence: AksEvidence): readonly Gap[] {
  const { cluster, diagnosticSettings, privateEndpointConnections, nodeGroup: group } = evidence;
  const own = [cluster, diagnosticSettings, privateEndpointConnections].filter(
    (part) => part.state === 'unavailable' && part.reason !== 'not-found',
  );
  const creating =
    cluster.state === 'collected' && value(cluster.value.provisioningState)?.toLowerCase() === 'creating';
  // The node resource group always lies in the subscription itself; a subnet may well lie elsewhere.
  const lostGroup = group.state === 'unavailable' && (group.reason === 'not-found' || group.reason === 'not-scanned');
  const lostSubnets = evidence.subnets
    .map(({ facts }) => facts)
    .filter((part) => part.state === 'unavailable' && part.reason === 'not-found');
  const hidden = creating ? [] : [...(lostGroup ? [group] : []), ...lostSubnets];
  const parts = cluster.state === 'unavailable' ? [cluster] : [...own, ...hidden];
  return parts.flatMap((part) =>
    part.state === 'unavailable' ? [{ reason: part.reason, message: part.message, api: part.api, resource }] : [],
  );
}
