import * as v from 'valibot';
import { type Collected, collected, type Unavailable, unavailable } from '#domain/collected.ts';
import type { Client } from './client.ts';
import { ApiFailure } from './failure.ts';
import { listAll } from './list.ts';
import { groupOf, type Permission, pathOf } from './permissions.ts';

/** Objects of kinds that need not be installed. */
export interface Optional<T> {
  readonly served: boolean;
  readonly items: T[];
}

interface ConfigMapPart {
  readonly present: boolean;
  readonly data: Record<string, string>;
}

/** Reads parts of a cluster one after the other, each with its own success or failure. */
export class Reader {
  readonly client: Client;
  private readonly now: () => Date;
  /** The groups that the API server serves; undefined where it did not tell, and then a 404 tells. */
  private readonly groups: ReadonlySet<string> | undefined;

  constructor(client: Client, now: () => Date, groups: ReadonlySet<string> | undefined) {
    this.client = client;
    this.now = now;
    this.groups = groups;
  }

  serves(group: string): boolean | undefined {
    return this.groups?.has(group);
  }

  /** Every object of one kind, each read by `read`. One object that is not as documented makes the whole list malformed. */
  async list<T>(permission: Permission, read: (item: unknown) => T, query = ''): Promise<Collected<T[]>> {
    return this.attempt(permission, async () =>
      (await listAll(this.client, `${pathOf(permission)}${query}`)).map(read),
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
      const part = await this.list(permission, read);
      if (part.state === 'collected') {
        served = true;
        found.push(...part.value.flat());
      } else if (part.reason !== 'not-found') {
        return part;
      }
    }
    const [first] = members;
    return collected({ served, items: found }, this.source(first?.permission ?? 'list pods'));
  }

  /** Whether an API group is installed. */
  async group(name: string): Promise<Collected<boolean>> {
    const api = `get /apis/${name}`;
    const known = this.serves(name);
    if (known !== undefined) return collected(known, this.source(api));
    const part = await this.attempt(api, () => this.client.get(`/apis/${name}`));
    if (part.state === 'collected') return collected(true, part.source);
    return part.reason === 'not-found' ? collected(false, this.source(api)) : part;
  }

  /** One ConfigMap of kube-system, of which only `keys` are kept. */
  async configMap(permission: Permission, keys: readonly string[]): Promise<Collected<ConfigMapPart>> {
    const part = await this.attempt(permission, async () =>
      v.parse(ConfigMap, await this.client.get(pathOf(permission))),
    );
    if (part.state === 'unavailable') {
      return part.reason === 'not-found' ? collected({ present: false, data: {} }, this.source(permission)) : part;
    }
    const data = Object.fromEntries(Object.entries(part.value.data ?? {}).filter(([key]) => keys.includes(key)));
    return collected({ present: true, data }, part.source);
  }

  async attempt<T>(api: string, read: () => Promise<T>): Promise<Collected<T>> {
    try {
      return collected(await read(), this.source(api));
    } catch (error) {
      return failed(error, api);
    }
  }

  source(api: string) {
    return { api, at: this.now().toISOString() };
  }
}

const ConfigMap = v.object({ data: v.nullish(v.record(v.string(), v.string())) });

/** A failed read as data. What is neither a refusal nor an unexpected shape is a fault of this program, and is thrown. */
export function failed(error: unknown, api: string): Unavailable {
  if (error instanceof ApiFailure) return unavailable(error.reason, error.message, api);
  if (error instanceof v.ValiError) {
    const [issue] = error.issues;
    return unavailable('malformed-answer', `${api}: ${v.getDotPath(issue) ?? 'an object'}: ${issue.message}`, api);
  }
  throw error;
}
