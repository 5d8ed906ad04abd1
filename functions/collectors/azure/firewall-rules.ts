import { type Field, given } from '#domain/collected.ts';
import type {
  AzureFirewallCollection,
  AzureFirewallGroup,
  AzureFirewallRule,
} from '#domain/evidence/azure-firewall.ts';
import { objects, text, texts } from './facts.ts';
import { recordOf } from './graph.ts';

type Json = Readonly<Record<string, unknown>>;

/** Rules on a firewall itself ("classic"): one list of collections for each kind. */
export function classicCollections(
  raw: unknown,
  kind: 'nat' | 'network' | 'application',
): Field<AzureFirewallCollection[]> {
  return objects(raw, (collection) => {
    const properties = recordOf(collection['properties']);
    return {
      name: nameOf(collection),
      priority: number(properties['priority']),
      action: text(recordOf(properties['action'])['type']),
      rules: objects(properties['rules'], (rule) => ruleOf(rule, given(kind))),
    };
  });
}

/** One group of a policy: its collections hold rules of one kind each, told by every rule itself. */
export function groupOf(group: Json): AzureFirewallGroup {
  const properties = recordOf(group['properties']);
  return {
    name: nameOf(group),
    priority: number(properties['priority']),
    collections: objects(properties['ruleCollections'], (collection) => ({
      name: nameOf(collection),
      priority: number(collection['priority']),
      action: text(recordOf(collection['action'])['type']),
      rules: objects(collection['rules'], (rule) => ruleOf(rule, kindOf(rule['ruleType']))),
    })),
  };
}

const KINDS: Readonly<Record<string, string>> = {
  networkrule: 'network',
  applicationrule: 'application',
  natrule: 'nat',
};

function kindOf(raw: unknown): Field<string> {
  const type = text(raw);
  return type.state === 'given' ? given(KINDS[type.value.toLowerCase()] ?? type.value) : type;
}

/** Lists that ARM leaves out are empty ones, but a rule of which every list of one side is missing does not say what it is about. */
function ruleOf(rule: Json, kind: Field<string>): AzureFirewallRule {
  const classic = kind.state === 'given' && kind.value === 'application';
  return {
    name: nameOf(rule),
    kind,
    sources: joined([rule['sourceAddresses']], [rule['sourceIpGroups']]),
    destinations: joined(
      [rule['destinationAddresses']],
      [rule['destinationIpGroups']],
      [rule['destinationFqdns'], 'fqdn:'],
    ),
    ports: texts(rule['destinationPorts']),
    protocols: classic ? webProtocols(rule['protocols']) : texts(rule['ipProtocols'] ?? rule['protocols']),
    targets: joined(
      [rule['targetFqdns']],
      [rule['targetUrls'], 'url:'],
      [rule['fqdnTags'], 'tag:'],
      [rule['webCategories'], 'category:'],
    ),
    translatedTo: text(rule['translatedAddress'] || rule['translatedFqdn'] || undefined),
    translatedPort: text(rule['translatedPort']),
  };
}

function webProtocols(raw: unknown): Field<string[]> {
  return objects(raw, ({ protocolType, port }) => `${String(protocolType)}:${String(port)}`);
}

function joined(...lists: readonly (readonly [raw: unknown, prefix?: string])[]): Field<string[]> {
  const read = lists.map(([raw, prefix = '']) => ({ list: texts(raw), prefix }));
  for (const { list } of read) if (list.state === 'malformed') return list;
  if (read.every(({ list }) => list.state === 'absent')) return { state: 'absent' };
  return given(
    read.flatMap(({ list, prefix }) =>
      list.state === 'given' ? list.value.map((entry) => `${prefix}${entry}`.toLowerCase()) : [],
    ),
  );
}

function number(raw: unknown): Field<number> {
  if (raw === undefined || raw === null) return { state: 'absent' };
  return typeof raw === 'number' ? given(raw) : { state: 'malformed', raw: JSON.stringify(raw).slice(0, 200) };
}

function nameOf(item: Json): string {
  return typeof item['name'] === 'string' ? item['name'] : 'unnamed';
}
