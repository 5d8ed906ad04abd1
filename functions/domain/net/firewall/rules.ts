import type { AddressRange } from '../cidr.ts';
import type { PortRange } from './sets.ts';

/**
 * Azure Firewall's rules as sets (Azure documentation, "Configure Azure Firewall rules" and "rule processing logic"): translations first,
 * then network rules, then application rules, whatever their priorities; the first match ends it; what nothing matches is denied.
 */
export interface FirewallRules {
  readonly nat: readonly NatRule[];
  readonly network: readonly NetworkRule[];
  readonly application: readonly ApplicationRule[];
}

export type Action = 'allow' | 'deny';
export type Protocol = 'tcp' | 'udp' | 'icmp' | 'other';
export const PROTOCOLS: readonly Protocol[] = ['tcp', 'udp', 'icmp', 'other'];

interface Match {
  /** Policy, group, collection and rule, as a message names them. */
  readonly name: string;
  readonly sources: readonly AddressRange[];
}

interface AddressMatch extends Match {
  readonly protocols: readonly Protocol[];
  readonly ports: readonly PortRange[];
  readonly destinations: readonly AddressRange[];
}

export interface NatRule extends AddressMatch {
  readonly translatedTo: string;
}

export interface NetworkRule extends AddressMatch {
  readonly action: Action;
  /** Destinations that are not addresses: service tags and names that the firewall resolves, in lower case. */
  readonly names: readonly string[];
}

export type WebProtocol = 'http' | 'https' | 'mssql';

export interface ApplicationRule extends Match {
  readonly action: Action;
  readonly protocols: readonly { readonly type: WebProtocol; readonly port: number }[];
  /** Names with wildcards (`*.example.com`), in lower case; or a tag, a category, a URL as `tag:`, `category:` or `url:` and its name. */
  readonly targets: readonly string[];
}

/** Where a collection stands: how far up its policy is (0: the farthest parent), its group's priority, its own. */
export interface Placed<T> {
  readonly layer: number;
  readonly group: number;
  readonly collection: number;
  readonly rules: readonly T[];
}

/** Rules of one kind in the order of their evaluation: the parent's groups before the child's, then lower priorities first. */
export function inOrder<T>(collections: readonly Placed<T>[]): readonly T[] {
  return collections
    .toSorted((a, b) => a.layer - b.layer || a.group - b.group || a.collection - b.collection)
    .flatMap(({ rules }) => rules);
}
