import * as v from 'valibot';
import { type Collected, collected, type Unavailable, unavailable } from '#domain/collected.ts';
import { Reading } from '../transport/reading.ts';
import { Refusal, refusalIn } from '../transport/refusal.ts';
import type { Client } from './client.ts';
import { listAll } from './list.ts';
import { groupOf, type Permission, pathOf, pluralOf, versionsOf } from './permissions.ts';

/** Objects of kinds that need not be installed. */
export interface Optional<T> {
  readonly served: boolean;
  readonly items: T[];
}

/** Versions by group; without any where the server names the group alone. */
export type ServedGroups = ReadonlyMap<string, readonly string[]>;

interface ConfigMapPart {
  readonly present: boolean;
  readonly data: Record<string, string>;
}

/** Reads parts of a cluster one after the other, each with its own success or failure. */
export class Reader extends Reading {
  readonly client: Client;
  readonly #now: () => Date;
  /** The groups that the API server serves, with their versions; undefined where it did not tell, and then a 404 tells. */
  private readonly groups: ServedGroups | undefined;
  private readonly known = new Map<string, Collected<readonly string[]>>();

  constructor(client: Client, now: () => Date, groups: ServedGroups | undefined) {
    super(client.signal, now, refusalOf);
    this.client = client;
    this.#now = now;
    this.groups = groups;
  }

  serves(group: string): boolean | undefined {
    return this.groups?.has(group);
  }

  /** Every object of one kind, each read by `read`. One object that is not as documented makes the whole list malformed. */
  async list<T>(
    permission: Permission,
    read: (item: unknown) => T,
    { query = '', version }: { readonly query?: string; readonly version?: string } = {},
  ): Promise<Collected<T[]>> {
    return this.part(permission, async () =>
      (await listAll(this.client, `${pathOf(permission, version)}${query}`)).map(read),
    );
  }

  /** Objects of several kinds of one optional family. None served: an empty list, and no failure. */
  async optional<T>(
    members: readonly { readonly permission: Permission; readonly read: (item: unknown) => T[] }[],
  ): Promise<Collected<Optional<T>>> {
    const found: T[] = [];
    let served = false;
    for (const { permission, read } of members) {
      if (this.serves(groupOf(permission)) === false) continue;
      const part = await this.listServed(permission, read);
      if (part.state === 'unavailable') return part;
      if (part.value === undefined) continue;
      served = true;
      found.push(...part.value.flat());
    }
    const [first] = members;
    return collected({ served, items: found }, this.source(first?.permission ?? 'list pods'));
  }

  /** A kind in the newest version that is both served and understood; undefined where the server has no such kind at all. */
  private async listServed<T>(
    permission: Permission,
    read: (item: unknown) => T,
  ): Promise<Collected<T[]> | Collected<undefined>> {
    const understood = versionsOf(permission);
    const told = this.groups?.get(groupOf(permission)) ?? [];
    const candidates = told.length === 0 ? understood : understood.filter((version) => told.includes(version));
    for (const version of candidates) {
      const part = await this.list(permission, read, { version });
      if (part.state === 'collected' || part.reason !== 'not-found') return part;
    }
    for (const version of told.filter((served) => !understood.includes(served))) {
      const names = await this.resources(`${groupOf(permission)}/${version}`);
      if (names.state === 'unavailable') return names;
      if (names.value.includes(pluralOf(permission))) {
        const message = `${pluralOf(permission)} are served as ${groupOf(permission)}/${version}, which is not understood`;
        return unavailable('unrecognised-value', message, permission);
      }
    }
    return collected(undefined, this.source(permission));
  }

  /** The kinds of one version of a group, by their plural names. */
  private async resources(groupVersion: string): Promise<Collected<readonly string[]>> {
    const known = this.known.get(groupVersion);
    if (known !== undefined) return known;
    const api = `get /apis/${groupVersion}`;
    const part = await this.part(api, async () =>
      v.parse(Resources, await this.client.get(`/apis/${groupVersion}`)).resources.map(({ name }) => name),
    );
    const names = part.state === 'unavailable' && part.reason === 'not-found' ? collected([], this.source(api)) : part;
    this.known.set(groupVersion, names);
    return names;
  }

  /** Whether an API group is installed. */
  async group(name: string): Promise<Collected<boolean>> {
    const api = `get /apis/${name}`;
    const known = this.serves(name);
    if (known !== undefined) return collected(known, this.source(api));
    const part = await this.part(api, () => this.client.get(`/apis/${name}`));
    if (part.state === 'collected') return collected(true, part.source);
    return part.reason === 'not-found' ? collected(false, this.source(api)) : part;
  }

  /** One ConfigMap, of kube-system where no other place is named, of which only `keys` are kept. */
  async configMap(
    permission: Permission,
    keys: readonly string[],
    place?: { readonly namespace: string; readonly name: string },
  ): Promise<Collected<ConfigMapPart>> {
    const path =
      place === undefined
        ? pathOf(permission)
        : `/api/v1/namespaces/${encodeURIComponent(place.namespace)}/configmaps/${encodeURIComponent(place.name)}`;
    const part = await this.part(permission, async () => v.parse(ConfigMap, await this.client.get(path)));
    if (part.state === 'unavailable') {
      return part.reason === 'not-found' ? collected({ present: false, data: {} }, this.source(permission)) : part;
    }
    const data = Object.fromEntries(Object.entries(part.value.data ?? {}).filter(([key]) => keys.includes(key)));
    return collected({ present: true, data }, part.source);
  }

  source(api: string) {
    return { api, at: this.#now().toISOString() };
  }
}

const Resources = v.object({ resources: v.array(v.object({ name: v.string() })) });
const ConfigMap = v.object({ data: v.nullish(v.record(v.string(), v.string())) });

/** A failed read as data. What is neither a refusal nor an unexpected shape is a fault of this program, and is thrown. */
function refusalOf(error: unknown, api: string): Refusal {
  if (error instanceof v.ValiError) {
    const [issue] = error.issues;
    return new Refusal('malformed-answer', `${api}: ${v.getDotPath(issue) ?? 'an object'}: ${issue.message}`);
  }
  const refusal = refusalIn(error);
  if (refusal === undefined) throw error;
  return refusal;
}

export function failed(error: unknown, api: string): Unavailable {
  const { reason, message } = refusalOf(error, api);
  return unavailable(reason, message, api);
}
