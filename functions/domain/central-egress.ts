import { type EgressCloud, egressIdsOf, PROVIDER_FACTS } from './provider-facts.ts';
import type { Resource } from './resource.ts';

/**
 * Where a way out of a network leads that a scan's role cannot see, as the operator declares it: none (nothing is declared), proxy, or
 * inspection (a firewall that somebody runs elsewhere). It is believed, and marked as declared wherever it decided.
 */
export const CENTRAL_EGRESS = ['none', 'proxy', 'inspection'] as const;
export type CentralEgress = (typeof CENTRAL_EGRESS)[number];

/** One value for the whole provider, or values by id: of a cluster, a network, an account; `all` is everything else. */
export type CentralEgressDeclaration = CentralEgress | Readonly<Record<string, CentralEgress>>;
export type CentralEgressSettings = Readonly<Partial<Record<EgressCloud, CentralEgressDeclaration>>>;

/** The key of a declaration by ids that stands for everything that no other key names. */
export const EVERYTHING = 'all';

export type EgressIdKind = 'everything' | 'account' | 'network' | 'cluster' | 'name';

/** With a letter: digits alone are an account id that YAML took for a number. */
const CLUSTER_NAME = /^(?=.*[A-Za-z])[0-9A-Za-z][\w.-]{0,127}$/;

/** What a key of a declaration names; undefined: nothing that exists at this provider. */
export function egressIdKind(provider: EgressCloud, key: string): EgressIdKind | undefined {
  if (key === EVERYTHING) return 'everything';
  const egressIds = egressIdsOf(provider);
  const { clusterOf } = PROVIDER_FACTS[provider];
  if (egressIds.account.test(key)) return 'account';
  if (egressIds.network.test(key)) return 'network';
  if (clusterOf(key) !== undefined) return 'cluster';
  return CLUSTER_NAME.test(key) ? 'name' : undefined;
}

/** The keys that a declaration of this provider may have, in words. */
export function expectedEgressIds(provider: EgressCloud): string {
  return egressIdsOf(provider).expected;
}

/** The account that a key names or that its cluster is in; a network may belong to an account that is not scanned. */
export function accountOfEgressId(provider: EgressCloud, key: string): string | undefined {
  return egressIdsOf(provider).account.test(key) ? key : PROVIDER_FACTS[provider].clusterOf(key)?.account;
}

/** Ids that this provider takes for the same thing are spelled the same. */
export function normalEgressId(provider: EgressCloud, id: string): string {
  return egressIdsOf(provider).same(id);
}

/** What a way out belongs to. */
export interface EgressPlace {
  readonly resource: Pick<Resource, 'uid' | 'name' | 'account'>;
  /** Ids of the networks that the way leads through: VPCs, virtual networks (a subnet's id names its network). */
  readonly networks: readonly string[];
}

/** What is declared, and the configuration key that says so; where nothing is, the key that would. */
export interface DeclaredEgress {
  readonly value: CentralEgress;
  readonly key: string;
}

/**
 * What is declared for a place: its cluster's id beats the cluster's name, that the network, that the account, that the provider. A way that leads
 * through several networks is declared where each of them is: one that is not decides.
 */
export function centralEgressOf(
  provider: EgressCloud,
  declaration: CentralEgressDeclaration | undefined,
  place: EgressPlace,
): DeclaredEgress {
  const section = `${provider}.centralEgress`;
  if (declaration === undefined) return { value: 'none', key: section };
  if (typeof declaration === 'string') return { value: declaration, key: section };
  const declared = (place.networks.length === 0 ? [undefined] : place.networks).map((network): DeclaredEgress => {
    const [key] = idsOf(place.resource, network).flatMap((id) => keysOf(provider, declaration, id));
    const value = key === undefined ? undefined : declaration[key];
    return value === undefined
      ? { value: 'none', key: `${section}.${network ?? place.resource.account}` }
      : { value, key: `${section}.${key}` };
  });
  const undeclared = declared.find(({ value }) => value === 'none');
  const keys = [...new Set(declared.map(({ key }) => key))];
  return undeclared ?? { value: declared[0]?.value ?? 'none', key: keys.join(', ') };
}

/** The keys of a declaration that name the place: its cluster, one of its networks, or its account. */
export function matchingEgressKeys(
  provider: EgressCloud,
  declaration: CentralEgressDeclaration | undefined,
  { resource, networks }: EgressPlace,
): readonly string[] {
  if (typeof declaration !== 'object') return [];
  const ids = [undefined, ...networks].flatMap((network) => idsOf(resource, network));
  return [...new Set(ids.flatMap((id) => keysOf(provider, declaration, id)))];
}

interface PlaceId {
  readonly kind: EgressIdKind;
  readonly id: string;
}

/** From the closest to the widest. */
function idsOf({ uid, name, account }: EgressPlace['resource'], network: string | undefined): readonly PlaceId[] {
  return [
    { kind: 'cluster', id: uid },
    { kind: 'name', id: name },
    ...(network === undefined ? [] : [{ kind: 'network', id: network } as const]),
    { kind: 'account', id: account },
    { kind: 'everything', id: EVERYTHING },
  ];
}

/** A plain word may be an id of any kind; one that has the form of an account's is that account and no cluster of the name. */
function keysOf(
  provider: EgressCloud,
  declaration: Readonly<Record<string, CentralEgress>>,
  { kind: wanted, id }: PlaceId,
): readonly string[] {
  return Object.keys(declaration).filter((key) => {
    const kind = egressIdKind(provider, key);
    return (kind === wanted || kind === 'name') && normalEgressId(provider, key) === normalEgressId(provider, id);
  });
}
