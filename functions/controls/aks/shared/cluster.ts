import { parseArmId } from '#domain/arm-id.ts';
import type { Collected, Field, Source } from '#domain/collected.ts';
import type { AksApiServer, AksCluster, AksEvidence, AksNetworkProfile } from '#domain/evidence/aks.ts';
import type { UnknownReason } from '#domain/reason.ts';
import { shellQuote } from '#domain/shell.ts';
import { type Proof, type ProofValue, unknown, unknownBecause, type Verdict } from '#domain/verdict.ts';

/** A cluster whose own answer was read: what helpers need of a control's subject. */
export interface ReadCluster {
  readonly cluster: AksCluster;
  readonly evidence: AksEvidence;
  /** Where the cluster's own fields were read. */
  readonly source: Source;
}

export const CLUSTER_READ = 'Microsoft.ContainerService/managedClusters/read';

/** Leaves a control at the point where a field that it needs cannot be had. Never leaves this module: `judged` turns it into the verdict. */
class Undecided extends Error {
  override readonly name = 'Undecided';
  readonly verdict: Verdict;

  constructor(verdict: Verdict) {
    super(verdict.message);
    this.verdict = verdict;
  }
}

export type Attempt<T> =
  | { readonly state: 'read'; readonly value: T }
  | { readonly state: 'undecided'; readonly verdict: Verdict };

/** What `read` gives, or the UNKNOWN that a missing field makes of it. */
export function attempted<T>(read: () => T): Attempt<T> {
  try {
    return { state: 'read', value: read() };
  } catch (error) {
    if (error instanceof Undecided) return { state: 'undecided', verdict: error.verdict };
    throw error;
  }
}

export function judged(rule: () => Verdict): Verdict {
  const attempt = attempted(rule);
  return attempt.state === 'read' ? attempt.value : attempt.verdict;
}

/** Verdicts of a list, or the one that says why the list cannot be had. */
export function judgedEach(read: () => readonly Verdict[]): readonly Verdict[] {
  const attempt = attempted(read);
  return attempt.state === 'read' ? attempt.value : [attempt.verdict];
}

function undecided(reason: UnknownReason, message: string, proof: readonly Proof[] = []): never {
  throw new Undecided(unknown(reason, message, proof));
}

/** The value, or undefined where the provider sent none. */
export function optional<T>(field: Field<T>, name: string): T | undefined {
  if (field.state === 'malformed')
    undecided('malformed-answer', `${name} is ${field.raw}`, [
      { kind: 'fact', line: `${name} is ${field.raw}`, field: name, value: field.raw },
    ]);
  return field.state === 'given' ? field.value : undefined;
}

export function required<T>(field: Field<T>, name: string): T {
  return (
    optional(field, name) ??
    undecided('absent-field', `the answer carries no ${name}`, [
      { kind: 'fact', line: `${name} is absent`, field: name, value: null },
    ])
  );
}

export function had<T>(part: Collected<T>): T {
  if (part.state === 'unavailable') throw new Undecided(unknownBecause(part));
  return part.value;
}

export function sourceOf(part: Collected<unknown>, fallback: Source): Source {
  return part.state === 'collected' ? part.source : fallback;
}

/** The profile, or undefined where the answer carries none: a default public cluster, or a cluster of the API's first years. */
export function apiServerOf({ cluster }: ReadCluster): AksApiServer | undefined {
  return optional(cluster.apiServer, 'apiServerAccessProfile');
}

/** Whether the controls that only make sense for a private cluster apply. Malformed fields leave through `judged`. */
export function isPrivate(subject: ReadCluster): boolean {
  const profile = apiServerOf(subject);
  return (
    profile !== undefined &&
    optional(profile.enablePrivateCluster, 'apiServerAccessProfile.enablePrivateCluster') === true
  );
}

export function networkOf({ cluster }: ReadCluster): AksNetworkProfile {
  return required(cluster.network, 'networkProfile');
}

export function outboundTypeOf(subject: ReadCluster): string | undefined {
  return optional(networkOf(subject).outboundType, 'networkProfile.outboundType');
}

export function podCidrsOf(subject: ReadCluster): readonly string[] {
  return optional(networkOf(subject).podCidrs, 'networkProfile.podCidrs') ?? [];
}

/** ARM changes the case of enum values between versions. */
export function same(value: string | undefined, other: string): boolean {
  return value?.toLowerCase() === other.toLowerCase();
}

export function fact(line: string, field: string, value: ProofValue, source: Source): Proof {
  return { kind: 'fact', line, field, value, source };
}

/** The hops keep whole ids; the line has names, because ARM ids fill a line each. */
export function path(hops: readonly string[], source: Source): Proof {
  return { kind: 'path', line: hops.map(readable).join(' → '), hops, source };
}

const NOUNS: Readonly<Record<string, string>> = {
  virtualnetworks: 'network',
  subnets: 'subnet',
  routetables: 'route table',
  azurefirewalls: 'firewall',
  loadbalancers: 'load balancer',
  networkinterfaces: 'network interface',
  publicipaddresses: 'public IP',
  publicipprefixes: 'public prefix',
  natgateways: 'NAT gateway',
};

function readable(hop: string): string {
  const last = parseArmId(hop)?.path.at(-1);
  return last === undefined ? hop : `${NOUNS[last.type.toLowerCase()] ?? last.type} ${last.name}`;
}

export function derived(line: string): Proof {
  return { kind: 'derived', line };
}

/** Last part of an ARM id: the name people know. */
export function short(id: string): string {
  return id.split('/').at(-1) ?? id;
}

export function groupNameOf(id: string): string {
  return parseArmId(id)?.resourceGroup ?? '';
}

/** How the Azure CLI is told which cluster is meant. */
export function clusterArguments(id: string, name = '--name'): string {
  const { subscription = '' } = parseArmId(id) ?? {};
  return `--subscription ${shellQuote(subscription)} --resource-group ${shellQuote(groupNameOf(id))} ${name} ${shellQuote(short(id))}`;
}

/** Of an ARM id, in lower case. Declared subscriptions stand there by their ids alone. */
export function subscriptionOf(id: string): string {
  return parseArmId(id)?.subscription.toLowerCase() ?? id.toLowerCase();
}
