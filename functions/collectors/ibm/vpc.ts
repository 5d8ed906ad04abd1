import type { Collected } from '#domain/collected.ts';
import type { IksEvidence, IksSubnet, Told } from '#domain/evidence/ibm.ts';
import { everyPage } from '../transport/pages.ts';
import { Refusal } from '../transport/refusal.ts';
import { nextQuery } from './next-query.ts';
import type { IbmRead } from './permissions.ts';
import type { IbmReading } from './read.ts';
import { asRecord, recordsOf } from './shape.ts';

export type Item = Readonly<Record<string, unknown>>;

/** A cluster on VPC, as far as it was read. */
export interface ClusterPlace {
  readonly id: string;
  readonly workers: IksEvidence['workers'];
  readonly subnets: IksEvidence['subnets'];
  readonly region: string;
}

/** The VPC API wants the date of the description that the caller was written against. */
const VERSION = 'version=2026-10-01&generation=2';

/** What the VPC API says of one account. Clusters share regions, networks and routing tables: whatever it was asked, it is asked once. */
export class VpcReading {
  readonly #reading: IbmReading;
  readonly #asked = new Map<string, Promise<Collected<unknown>>>();

  constructor(reading: IbmReading) {
    this.#reading = reading;
  }

  /** One record, which has to be the one that was asked for. */
  record(api: IbmRead, region: string, path: string, id: string): Promise<Collected<Item>> {
    return this.#once(api, region, path, async (base) => {
      const record = asRecord(await this.#reading.get(`${base}?${VERSION}`));
      if (record?.['id'] !== id) throw new Refusal('malformed-answer', `expected ${path.replace(/^.*\/v1\//, '')}`);
      return record;
    });
  }

  /** A whole list, page by page. */
  list(api: IbmRead, region: string, path: string, name: string): Promise<Collected<readonly Item[]>> {
    return this.#once(api, region, path, async (base) =>
      recordsOf(
        await everyPage(
          async (query, size = 100) => {
            const page = asRecord(await this.#reading.get(`${base}${query ?? `?${VERSION}&limit=${size}`}`));
            if (!Array.isArray(page?.[name])) throw new Refusal('malformed-answer', `expected ${name}`);
            return { items: page[name] as readonly unknown[], token: nextQuery(asRecord(page['next'])?.['href']) };
          },
          { loop: 'truncated', smaller: [10] },
        ),
        name,
      ),
    );
  }

  subnet(region: string, id: string): Promise<Collected<Item>> {
    return this.record('vpc:getSubnet', region, `subnets/${encodeURIComponent(id)}`, id);
  }

  /** The network that a subnet is part of; undefined where that is not told. */
  async networkOf(region: string, subnetId: string): Promise<string | undefined> {
    const subnet = await this.subnet(region, subnetId);
    if (subnet.state === 'unavailable') return undefined;
    const { value } = { value: undefined, ...toldId(subnet.value['vpc']) };
    return value;
  }

  #once<T>(api: IbmRead, region: string, path: string, read: (base: string) => Promise<T>): Promise<Collected<T>> {
    const key = `${region} ${path}`;
    const known = this.#asked.get(key) as Promise<Collected<T>> | undefined;
    if (known !== undefined) return known;
    const part = this.#reading.part(api, () => read(`${baseOf(this.#reading.endpoints.vpc, region)}/v1/${path}`), {
      withoutGap,
    });
    this.#asked.set(key, part);
    return part;
  }
}

/** The VPC API wants access of its own; without it what it knows is not scanned, and nothing else suffers. */
const withoutGap = ({ reason }: Refusal) =>
  reason === 'denied' || reason === 'credentials' ? undefined : 'not-scanned';

/** The region is the service's answer and becomes part of a host name: only a plain label may, or the token would go wherever the answer says. */
function baseOf(endpoint: string, region: string): string {
  if (endpoint.includes('{region}') && !/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(region))
    throw new Refusal('malformed-answer', `the cluster's region ${JSON.stringify(region.slice(0, 40))} is none`);
  return endpoint.replace('{region}', region);
}

export function told(raw: unknown): Told {
  return typeof raw === 'string' && raw !== '' ? { told: 'yes', value: raw } : { told: 'no' };
}

export function toldId(raw: unknown): Told {
  return told(asRecord(raw)?.['id']);
}

type Unread = Extract<IksSubnet['gateway'], { attached: 'unread' }>;

/** Why a part could not be read, in the form in which evidence keeps it. */
export function unreadBecause({
  reason,
  message,
}: Pick<Unread, 'reason' | 'message'>): Pick<Unread, 'reason' | 'message'> {
  return { reason, message };
}
