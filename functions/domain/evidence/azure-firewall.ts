import * as v from 'valibot';
import { collectedSchema, fieldSchema } from '../collected.ts';

/** Azure firewalls in front of a cluster, with their rules as they are written (source: ARM `azureFirewalls`, `firewallPolicies`, `ipGroups`). */

const text = fieldSchema(v.string());
const texts = fieldSchema(v.array(v.string()));

const Rule = v.strictObject({
  name: v.string(),
  /** `network`, `application` or `nat`; anything else is a kind that nobody documented. */
  kind: text,
  /** Addresses and ids of IP groups. */
  sources: texts,
  /** Addresses, service tags, ids of IP groups, and names behind `fqdn:`. */
  destinations: texts,
  ports: texts,
  /** `TCP`, `Any`, ...; of an application rule `Https:443`. */
  protocols: texts,
  /** Of an application rule: names, and tags, categories and URLs behind `tag:`, `category:` and `url:`. */
  targets: texts,
  /** Of a translation: the address or the name that it leads to, and the port. */
  translatedTo: text,
  translatedPort: text,
});

const Collection = v.strictObject({
  name: v.string(),
  priority: fieldSchema(v.number()),
  /** `Allow`, `Deny`, `DNAT`. */
  action: text,
  rules: fieldSchema(v.array(Rule)),
});

const Group = v.strictObject({
  name: v.string(),
  priority: fieldSchema(v.number()),
  collections: fieldSchema(v.array(Collection)),
});

/** How a firewall or gateway stands to the network of the nodes. */
export const Connection = v.picklist(['same-network', 'peered', 'through-a-peer', 'by-address-only', 'not-connected']);

export const AzureFirewall = v.strictObject({
  id: v.string(),
  connection: Connection,
  /** Whether a default route of a node or pod subnet leads to it. */
  nextHop: v.boolean(),
  policyId: text,
  /** The policy's groups of rules and those of its parents, the farthest parent first; empty without a policy. */
  policies: collectedSchema(v.array(v.strictObject({ id: v.string(), groups: v.array(Group) }))),
  /** Rules on the firewall itself. */
  nat: fieldSchema(v.array(Collection)),
  network: fieldSchema(v.array(Collection)),
  application: fieldSchema(v.array(Collection)),
  /** Every IP group that a rule names. */
  ipGroups: v.array(v.strictObject({ id: v.string(), addresses: collectedSchema(texts) })),
});

export type AzureFirewallEvidence = v.InferOutput<typeof AzureFirewall>;
export type AzureFirewallRule = v.InferOutput<typeof Rule>;
export type AzureFirewallCollection = v.InferOutput<typeof Collection>;
export type AzureFirewallGroup = v.InferOutput<typeof Group>;
export type AzureConnection = v.InferOutput<typeof Connection>;
