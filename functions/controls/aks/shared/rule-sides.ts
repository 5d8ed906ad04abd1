import type { Field } from '#domain/collected.ts';
import type { AzureFirewallEvidence, AzureFirewallRule } from '#domain/evidence/azure-firewall.ts';
import type { AddressRange } from '#domain/net/cidr.ts';
import { type ApplicationRule, type NetworkRule, PROTOCOLS, type Protocol } from '#domain/net/firewall/rules.ts';
import {
  ALL_PORTS,
  EVERYWHERE,
  FAMILIES,
  type PortRange,
  PUBLIC,
  parseAddresses,
  parsePorts,
} from '#domain/net/firewall/sets.ts';
import { INTERNET, isFqdnTag, isServiceTag, TAGS_DATED } from '#domain/net/firewall/tags.ts';
import type { UnknownReason } from '#domain/reason.ts';
import { short } from './cluster.ts';

/** Why a part of a rule is not known. */
export interface Doubt {
  readonly reason: UnknownReason;
  readonly message: string;
}

/** What a rule surely speaks of, and what it speaks of at most. */
export type Side = 'certain' | 'possible';

interface Part<T> {
  readonly certain: readonly T[];
  readonly possible: readonly T[];
}

export interface Sides {
  as(side: Side): Pick<NetworkRule, 'sources' | 'destinations' | 'names' | 'protocols' | 'ports'>;
  asApplication(side: Side): Pick<ApplicationRule, 'sources' | 'protocols' | 'targets'>;
  readonly doubts: readonly Doubt[];
}

export function sidesOf(rule: AzureFirewallRule, name: string, ipGroups: AzureFirewallEvidence['ipGroups']): Sides {
  const doubts: Doubt[] = [];
  const doubt = (reason: UnknownReason, message: string): undefined => {
    doubts.push({ reason, message: `${name}: ${message}` });
    return undefined;
  };
  const application = rule.kind.state === 'given' && rule.kind.value === 'application';
  const read = <T>(
    field: Field<string[]>,
    what: string,
    all: readonly T[],
    parse: (entry: string) => readonly T[] | undefined,
  ) => partOf(field, what, all, parse, doubt);
  const addresses = (entry: string) => addressesOf(entry, ipGroups, doubt);
  const sources = read(rule.sources, 'sources', EVERYWHERE, addresses);
  const destinations = application
    ? { certain: [], possible: [] }
    : read<AddressRange | string>(rule.destinations, 'destinations', EVERYWHERE, (entry) =>
        destinationOf(entry, addresses),
      );
  const ports = application
    ? { certain: [], possible: [] }
    : read(
        rule.ports,
        'destination ports',
        [ALL_PORTS],
        (entry) => one(parsePorts(entry)) ?? doubt('unrecognised-value', `${entry} is not a port`),
      );
  const protocols = application
    ? { certain: [], possible: [] }
    : read(
        rule.protocols,
        'protocols',
        PROTOCOLS,
        (entry) => protocolsOf(entry) ?? doubt('unrecognised-value', `${entry} is not a protocol that is known`),
      );
  const web = application
    ? read(
        rule.protocols,
        'protocols',
        WEB,
        (entry) => one(webProtocol(entry)) ?? doubt('unrecognised-value', `${entry} is not a protocol that is known`),
      )
    : { certain: [], possible: [] };
  const targets = application
    ? read(
        rule.targets,
        'targets',
        ['*'],
        (entry) =>
          targetOf(entry) ?? doubt('unrecognised-value', `${entry} is not a tag that was known on ${TAGS_DATED}`),
      )
    : { certain: [], possible: [] };
  return {
    as: (side) => ({
      sources: sources[side],
      destinations: destinations[side].filter((entry) => typeof entry !== 'string'),
      names: destinations[side].filter((entry) => typeof entry === 'string'),
      protocols: protocols[side],
      ports: ports[side],
    }),
    asApplication: (side) => ({ sources: sources[side], protocols: web[side], targets: targets[side] }),
    doubts,
  };
}

type Doubting = (reason: UnknownReason, message: string) => undefined;

/** An entry that cannot be read may stand for everything; the others stand for what they say. */
function partOf<T>(
  field: Field<string[]>,
  what: string,
  all: readonly T[],
  parse: (entry: string) => readonly T[] | undefined,
  doubt: Doubting,
): Part<T> {
  const unread = { certain: [], possible: all };
  if (field.state === 'malformed') {
    doubt('malformed-answer', `its ${what} are ${field.raw}`);
    return unread;
  }
  if (field.state === 'absent' || field.value.length === 0) {
    doubt('absent-field', `it shows no ${what}`);
    return unread;
  }
  const parts = field.value.map(parse);
  const certain = parts.flatMap((part) => part ?? []);
  return { certain, possible: parts.includes(undefined) ? [...certain, ...all] : certain };
}

const one = <T>(value: T | undefined): readonly T[] | undefined => (value === undefined ? undefined : [value]);

/** Entries came in lower case. */
function addressesOf(
  entry: string,
  ipGroups: AzureFirewallEvidence['ipGroups'],
  doubt: Doubting,
): readonly AddressRange[] | undefined {
  if (entry === '*' || entry === 'any') return EVERYWHERE;
  if (!entry.startsWith('/subscriptions/')) {
    return one(parseAddresses(entry)) ?? doubt('unrecognised-value', `${entry} is not an address that is known`);
  }
  const group = ipGroups.find(({ id }) => id === entry)?.addresses;
  if (group === undefined) return doubt('malformed-answer', `the IP group ${short(entry)} was not looked up`);
  if (group.state === 'unavailable') return doubt(group.reason, group.message);
  const list = group.value;
  if (list.state !== 'given') return doubt('absent-field', `the IP group ${short(entry)} shows no addresses`);
  const ranges = list.value.map(parseAddresses);
  return ranges.every((range) => range !== undefined)
    ? ranges
    : doubt('unrecognised-value', `the IP group ${short(entry)} holds something that is not an address`);
}

function destinationOf(
  entry: string,
  addresses: (entry: string) => readonly AddressRange[] | undefined,
): readonly (AddressRange | string)[] | undefined {
  if (entry === INTERNET) return FAMILIES.flatMap((family) => PUBLIC[family]);
  if (entry.startsWith('fqdn:')) return entry.includes('*') ? EVERYWHERE : [entry];
  return isServiceTag(entry) ? [entry] : addresses(entry);
}

function protocolsOf(entry: string): readonly Protocol[] | undefined {
  const word = entry.toLowerCase();
  return word === 'any' ? PROTOCOLS : one(PROTOCOLS.find((protocol) => protocol === word && protocol !== 'other'));
}

const WEB: ApplicationRule['protocols'] = [
  { type: 'https', port: 443 },
  { type: 'http', port: 80 },
];

function webProtocol(entry: string): ApplicationRule['protocols'][number] | undefined {
  const [type, port] = entry.toLowerCase().split(':');
  const known = (['http', 'https', 'mssql'] as const).find((word) => word === type);
  const range: PortRange | undefined = parsePorts(port ?? '');
  return known === undefined || range === undefined || range.first !== range.last
    ? undefined
    : { type: known, port: range.first };
}

function targetOf(entry: string): readonly string[] | undefined {
  return entry.startsWith('tag:') && !isFqdnTag(entry.slice('tag:'.length)) ? undefined : [entry];
}
