import type { IksEvidence } from '#domain/evidence/ibm.ts';
import { type AddressRange, parseRange, rangesCover, subtract, wholeOf } from '#domain/net/cidr.ts';
import { Refusal } from '../transport/refusal.ts';
import type { IbmReading } from './read.ts';
import { asRecord, recordsOf } from './shape.ts';

type Rule = Extract<IksEvidence['restrictions'], { state: 'collected' }>['value'][number];
type Admits = Rule['admits'];
type Attributes = Rule['scopes'][number];

/** The network zones that the rules of one account name. Each is read once. */
export class Zones {
  readonly #reading: IbmReading;
  readonly #account: string;
  readonly #read = new Map<string, Promise<Admits>>();

  constructor(account: string, reading: IbmReading) {
    this.#account = account;
    this.#reading = reading;
  }

  /** One context of several suffices to be let in, and one that names no zone is for everybody. A rule without contexts lets nobody in. */
  async admittedBy(contexts: readonly Attributes[]): Promise<Admits> {
    const admitted = await Promise.all(contexts.map((attributes) => this.#byContext(attributes)));
    return (
      admitted.find(({ who }) => who === 'everybody') ?? admitted.find(({ who }) => who === 'unread') ?? { who: 'some' }
    );
  }

  async #byContext(attributes: Attributes): Promise<Admits> {
    const ids = attributes.filter(({ name }) => name === 'networkZoneId').flatMap(({ value }) => value.split(','));
    if (ids.length === 0) return { who: 'everybody' };
    const zones = await Promise.all(ids.map((id) => this.#zone(id.trim())));
    return zones.find(({ who }) => who === 'everybody') ?? zones.find(({ who }) => who === 'unread') ?? { who: 'some' };
  }

  #zone(id: string): Promise<Admits> {
    const known = this.#read.get(id);
    if (known !== undefined) return known;
    const zone = this.#ask(id);
    this.#read.set(id, zone);
    return zone;
  }

  async #ask(id: string): Promise<Admits> {
    const url = `${this.#reading.endpoints.cbr}/v1/zones/${encodeURIComponent(id)}?account_id=${encodeURIComponent(this.#account)}`;
    const part = await this.#reading.part(
      'cbr:getZones',
      async (): Promise<Admits> => {
        const body = asRecord(await this.#reading.get(url));
        // Some answers carry the zones as a list.
        const zone = Array.isArray(body?.['zones'])
          ? recordsOf(body['zones'], 'zones').find((entry) => entry['id'] === id)
          : body;
        if (zone?.['id'] !== id) throw new Refusal('malformed-answer', `expected network zone ${id}`);
        return { who: isEverybody(zone['addresses'], zone['excluded']) ? 'everybody' : 'some' };
      },
      { withoutGap: ({ reason }) => (reason === 'not-found' || reason === 'unreachable' ? 'not-scanned' : undefined) },
    );
    return part.state === 'collected'
      ? part.value
      : { who: 'unread', reason: part.reason, message: `network zone ${id}: ${part.message}` };
  }
}

/** Whether the addresses, in one piece or in several, are all there are. Networks and services that a zone refers to are somebody's, not everybody's. */
function isEverybody(addresses: unknown, excluded: unknown): boolean {
  const held = recordsOf(addresses, 'addresses').flatMap(rangeOf);
  const out = recordsOf(excluded ?? [], 'excluded addresses').flatMap(rangeOf);
  return (['ipv4', 'ipv6'] as const).some((family) => {
    const rest = subtract(wholeOf(family), out);
    // Excluding a few addresses of everybody leaves everybody else.
    return rest.length > 0 && rest.every((range) => rangesCover(held, range)) && !isMostlyExcluded(rest, family);
  });
}

function isMostlyExcluded(rest: readonly AddressRange[], family: 'ipv4' | 'ipv6'): boolean {
  const left = rest.reduce((sum, { first, last }) => sum + (last - first + 1n), 0n);
  return left * 2n < wholeOf(family).last;
}

function rangeOf({ type, value }: Readonly<Record<string, unknown>>): readonly AddressRange[] {
  if (typeof value !== 'string') return [];
  const [from, to, ...more] = value.split('-').map(parseRange);
  if (from === undefined || more.length > 0) {
    if (type === 'ipAddress' || type === 'ipRange' || type === 'subnet')
      throw new Refusal('malformed-answer', `a network zone holds ${value.slice(0, 40)}, which is not an address`);
    return [];
  }
  if (to === undefined) return [from];
  return [{ family: from.family, first: from.first, last: to.last }];
}
