import type { Unavailable } from '#domain/collected.ts';
import type { KubernetesEvidence } from '#domain/evidence/kubernetes.ts';
import { deploymentOf } from '#reachability/documents.ts';
import {
  type CompiledPolicy,
  type DirectionRules,
  type Namespace,
  type Pod,
  type PolicyError,
  policyName,
  type Rule,
} from '#reachability/model.ts';
import { compilePolicies } from '#reachability/policies.ts';
import { type Reachability, reachability } from '#reachability/reachability.ts';
import { storedDocument } from '#reachability/stored-policy.ts';

/** The cluster's policies, compiled. */
export interface Policies {
  readonly policies: readonly CompiledPolicy[];
  /** Policies that have an effect which is not evaluated. */
  readonly undecidable: readonly PolicyError[];
  /** Policies that no API server should have stored. */
  readonly invalid: readonly PolicyError[];
}

/** The cluster's pods and policies, evaluated. */
export interface Network extends Policies {
  readonly reach: Reachability;
  readonly namespaces: readonly Namespace[];
}

export type PoliciesReading =
  | ({ readonly state: 'read' } & Policies)
  | { readonly state: 'unread'; readonly part: Unavailable };

export type NetworkReading =
  | { readonly state: 'read'; readonly network: Network }
  | { readonly state: 'unread'; readonly part: Unavailable };

/** Several controls look at the same evidence; its network is evaluated once. */
const readings = new WeakMap<KubernetesEvidence, NetworkReading>();

export function networkOf(evidence: KubernetesEvidence): NetworkReading {
  const known = readings.get(evidence);
  if (known !== undefined) return known;
  const reading = read(evidence);
  readings.set(evidence, reading);
  return reading;
}

/** The policies alone, which can be judged where pods cannot be read. */
export function policiesOf({
  networkPolicies,
  ciliumPolicies,
  calicoPolicies,
  adminPolicies,
}: KubernetesEvidence): PoliciesReading {
  if (networkPolicies.state === 'unavailable') return { state: 'unread', part: networkPolicies };
  if (ciliumPolicies.state === 'unavailable') return { state: 'unread', part: ciliumPolicies };
  if (calicoPolicies.state === 'unavailable') return { state: 'unread', part: calicoPolicies };
  if (adminPolicies.state === 'unavailable') return { state: 'unread', part: adminPolicies };
  const documents = [
    ...networkPolicies.value,
    ...ciliumPolicies.value.items,
    ...calicoPolicies.value.items,
    ...adminPolicies.value.items,
  ];
  const { policies, errors } = compilePolicies(
    documents.map((stored) => ({ file: '', content: storedDocument(stored) })),
  );
  return {
    state: 'read',
    policies,
    undecidable: errors.filter(({ kind }) => kind === 'undecidable'),
    invalid: errors.filter(({ kind }) => kind === 'invalid'),
  };
}

function read(evidence: KubernetesEvidence): NetworkReading {
  const { namespaces, pods } = evidence;
  if (namespaces.state === 'unavailable') return { state: 'unread', part: namespaces };
  if (pods.state === 'unavailable') return { state: 'unread', part: pods };
  const reading = policiesOf(evidence);
  if (reading.state === 'unread') return reading;
  const { policies, undecidable, invalid } = reading;
  const plain = namespaces.value.map(({ name, labels }) => ({ name, labels }));
  const reach = reachability({ pods: pods.value.map(podOf), namespaces: plain, policies });
  return { state: 'read', network: { reach, namespaces: plain, policies, undecidable, invalid } };
}

/** Whether the fault lies in one rule, so that the rest of its policy is known: which pods it selects and isolates. */
export function isInRule({ field }: PolicyError): boolean {
  return /\.(ingress|egress)(Deny)?\[\d+\]/.test(field);
}

/**
 * The same network without the rules that are not evaluated. With them it is at least as open as in truth (what they accept counts as
 * open), without them at most: a verdict that is the same both ways holds.
 */
export function certainPart(network: Network): Network {
  const uncertain = ({ policy, field }: Rule) =>
    network.undecidable.some(
      (error) =>
        error.resource === policyName(policy) && (error.field === field || error.field.startsWith(`${field}.`)),
    );
  const certain = (rules: DirectionRules | undefined) =>
    rules && { isolates: rules.isolates, rules: rules.rules.filter((rule) => !uncertain(rule)) };
  const policies = network.policies.map(({ ingress, egress, ...policy }): CompiledPolicy => {
    const [inward, outward] = [certain(ingress), certain(egress)];
    return { ...policy, ...(inward && { ingress: inward }), ...(outward && { egress: outward }) };
  });
  const { namespaces, reach } = network;
  const pods = reach.classes.flatMap((kind) => kind.pods);
  return { ...network, policies, reach: reachability({ pods, namespaces, policies }) };
}

type PodFacts = Extract<KubernetesEvidence['pods'], { state: 'collected' }>['value'][number];

function podOf({ namespace, name, labels, owner, serviceAccount, hostNetwork, ports }: PodFacts): Pod {
  const workload =
    owner.state === 'given' && owner.value.kind !== 'Node' ? deploymentOf(owner.value, labels) : { kind: 'Pod', name };
  return { namespace, name, labels, serviceAccount, hostNetwork, ports, workload };
}
