import { parseArmId, subscriptionOf } from '#domain/arm-id.ts';
import { type Collected, collected, type Source, type Unavailable, unavailable } from '#domain/collected.ts';
import { type GraphAnswer, type GraphRow, listOf, recordOf } from './graph.ts';
import type { AzurePermission } from './permissions.ts';

/** The network resources of one tenant's scope, as one reading told them. */
export class NetworkSnapshot {
  readonly #rows = new Map<string, GraphRow>();
  readonly #byType = new Map<string, GraphRow[]>();
  readonly #byGroup = new Map<string, GraphRow[]>();
  readonly #subnets = new Map<string, Readonly<Record<string, unknown>>>();
  readonly #groups = new Set<string>();
  readonly #readable = new Set<string>();
  readonly #resources: GraphAnswer;
  readonly #containers: GraphAnswer;
  readonly at: string;
  readonly subscriptions: ReadonlySet<string>;

  constructor(resources: GraphAnswer, containers: GraphAnswer, subscriptions: readonly string[], at: string) {
    this.#resources = resources;
    this.#containers = containers;
    this.subscriptions = new Set(subscriptions.map((id) => id.toLowerCase()));
    this.at = at;
    for (const row of resources.rows) this.#add(row);
    for (const { id, subscription } of containers.rows) {
      this.#groups.add(id);
      this.#readable.add(subscription);
    }
  }

  #add(row: GraphRow): void {
    this.#rows.set(row.id, row);
    push(this.#byType, row.type, row);
    push(this.#byGroup, groupOf(row.id), row);
    this.#readable.add(row.subscription);
    if (row.type !== 'microsoft.network/virtualnetworks') return;
    for (const subnet of listOf(row.properties['subnets'])) {
      const { id } = recordOf(subnet);
      if (typeof id === 'string') this.#subnets.set(id.toLowerCase(), recordOf(recordOf(subnet)['properties']));
    }
  }

  get troubles(): readonly NonNullable<GraphAnswer['trouble']>[] {
    return [this.#resources.trouble, this.#containers.trouble].filter((trouble) => trouble !== undefined);
  }

  /** Every row was read, of every subscription in scope: only then does "nothing there" mean anything. */
  get complete(): boolean {
    return this.troubles.length === 0 && [...this.subscriptions].every((id) => this.#readable.has(id));
  }

  source(api: AzurePermission): Source {
    return { api, at: this.at };
  }

  row(id: string): GraphRow | undefined {
    return this.#rows.get(id.toLowerCase());
  }

  ofType(type: string): readonly GraphRow[] {
    return this.#byType.get(type) ?? [];
  }

  /** A row, or why there is none: the reading broke off, the subscription is out of scope, or nothing by that id can be seen. */
  find(id: string, api: AzurePermission): Collected<GraphRow> {
    const row = this.row(id);
    return row === undefined ? this.#missing(id, api) : collected(row, this.source(api));
  }

  subnet(id: string): Collected<Readonly<Record<string, unknown>>> {
    const api = 'Microsoft.Network/virtualNetworks/subnets/read';
    const subnet = this.#subnets.get(id.toLowerCase());
    return subnet === undefined ? this.#missing(id, api) : collected(subnet, this.source(api));
  }

  /** The rows of a resource group, provided that the group itself was seen and that both readings are whole. */
  group(id: string): Collected<readonly GraphRow[]> {
    const api = 'Microsoft.Resources/subscriptions/resourceGroups/read';
    const key = id.toLowerCase();
    const trouble = this.troubles[0];
    if (trouble !== undefined) return unavailable(trouble.reason, trouble.message, api);
    if (!this.#groups.has(key)) return this.#missing(id, api);
    return collected(this.#byGroup.get(key) ?? [], this.source(api));
  }

  #missing(id: string, api: AzurePermission): Unavailable {
    const trouble = this.troubles[0];
    if (trouble !== undefined) return unavailable(trouble.reason, trouble.message, api);
    const subscription = subscriptionOf(id);
    if (!this.subscriptions.has(subscription))
      return unavailable(
        'not-scanned',
        `${id} lies in subscription ${subscription}, which this scan does not read`,
        api,
      );
    if (!this.#readable.has(subscription))
      return unavailable(
        'not-scanned',
        `${id} lies in subscription ${subscription}, of which nothing can be read`,
        api,
      );
    return unavailable('not-found', `${id} is not among the resources that can be read`, api);
  }
}

function push(map: Map<string, GraphRow[]>, key: string, row: GraphRow): void {
  const rows = map.get(key);
  if (rows === undefined) map.set(key, [row]);
  else rows.push(row);
}

/** `/subscriptions/s/resourcegroups/g` of any id inside it. */
function groupOf(id: string): string {
  const { subscription, resourceGroup = '' } = parseArmId(id.toLowerCase()) ?? {};
  return resourceGroup === '' ? '' : `/subscriptions/${subscription}/resourcegroups/${resourceGroup}`;
}
