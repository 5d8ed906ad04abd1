import { type Fix, fail, notApplicable, type Proof, pass } from '#domain/verdict.ts';
import { type CompiledPolicy, type Direction, type PolicyRef, policyName } from '#reachability/model.ts';
import { opensInternet } from '#reachability/outside.ts';
import type { DirectionProfile } from '#reachability/reachability.ts';
import { openness, opennessOf } from '#reachability/unrestricted.ts';
import { defineKubernetesControl } from './shared/define-kubernetes-control.ts';
import { kubectl, yamlFix } from './shared/fix.ts';
import type { Network } from './shared/network.ts';
import { exemptNamespacesParameter, exemptProof, judgeNetwork, POLICY_NEEDS, shortList } from './shared/scope.ts';

const DIRECTIONS = ['ingress', 'egress'] as const;

interface Opening {
  readonly line: string;
  readonly policies: readonly PolicyRef[];
  readonly wide: boolean;
}

function openingsOf(policy: CompiledPolicy): readonly Opening[] {
  return DIRECTIONS.flatMap((direction): Opening[] => {
    const found = opennessOf(policy, direction);
    if (found === 'restricted') return [];
    const far = found === 'internet' ? 'every address' : 'every pod of the cluster';
    return [
      {
        line: `${policyName(policy.ref)} opens ${direction} ${direction === 'ingress' ? 'from' : 'to'} ${far}`,
        policies: [policy.ref],
        wide: found === 'internet',
      },
    ];
  });
}

/** Policies that are narrow each for itself can open everything together: half of the addresses here, the other half there. */
function unionsOf({ reach }: Network, exempt: ReadonlySet<string>): readonly Opening[] {
  const seen = new Set<DirectionProfile>();
  return reach.classes
    .filter(({ namespace }) => !exempt.has(namespace.name))
    .flatMap((pod) =>
      DIRECTIONS.flatMap((direction: Direction): Opening[] => {
        const profile = reach.profile(pod, direction);
        if (seen.has(profile) || !profile.isolated || profile.policies.length < 2) return [];
        seen.add(profile);
        if (profile.policies.some((policy) => opennessOf(policy, direction) === 'internet')) return [];
        const united =
          openness(profile.tiers.flatMap(({ rules }) => rules)) === 'internet' && opensInternet(profile.outside());
        const names = profile.policies.map(({ ref }) => policyName(ref)).sort();
        return united
          ? [
              {
                line: `${names.join(' and ')} together open ${direction} for every address`,
                policies: profile.policies.map(({ ref }) => ref),
                wide: true,
              },
            ]
          : [];
      }),
    );
}

/** The policies to be narrowed, and what a narrow rule looks like. */
function fixOf(openings: readonly Opening[]): Fix {
  const refs = openings.flatMap(({ policies }) => policies);
  return yamlFix(
    NARROW,
    refs.map(({ kind, namespace, name }) => kubectl(namespace, 'edit', kind.toLowerCase(), name)),
  );
}

const NARROW = `# in place of the rule that opens everything: who, and on which port
- from:
    - namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: <namespace of the client> } }
      podSelector: { matchLabels: { app: <client> } }
  ports: [{ protocol: TCP, port: 8080 }]`;

export default defineKubernetesControl({
  id: 'kubernetes-unrestricted-policy',
  title: 'No policy opens a namespace to everything',
  severity: 'HIGH',
  basis: 'Seed 002: isolate internal traffic from the public internet',
  reference: 'kubernetes 5.5 NET-6',
  remediation:
    'Name peers and ports in the rules of the policies listed; an except of private ranges leaves the internet open.',
  needs: POLICY_NEEDS,
  parameters: exemptNamespacesParameter,
  evaluate({ evidence, parameters }) {
    return judgeNetwork(evidence, (network) => {
      const exempt = new Set(parameters.exemptNamespaces);
      const judged = network.policies.filter(({ ref }) => !exempt.has(ref.namespace));
      const notes = exemptProof([...exempt].sort());
      if (judged.length === 0) return notApplicable('no-policy', 'there is no policy to be judged', notes);
      const openings = [...judged.flatMap(openingsOf), ...unionsOf(network, exempt)];
      const sorted = openings.toSorted((a, b) => Number(b.wide) - Number(a.wide) || (a.line < b.line ? -1 : 1));
      const proof = sorted.map(({ line }): Proof => ({ kind: 'derived', line }));
      if (sorted.length === 0) {
        return pass(`none of ${judged.length} policies is unrestricted`, [
          { kind: 'derived', line: `${judged.length} policies: every rule names peers or ports` },
          ...notes,
        ]);
      }
      const wide = sorted.some((opening) => opening.wide);
      return fail(
        wide ? 'unrestricted' : 'cluster-wide',
        shortList(
          sorted.map(({ line }) => line),
          3,
        ),
        [...proof, ...notes],
        // Open to the whole cluster is still inside it: a lower grade.
        { ...(wide ? {} : { severity: 'MEDIUM' }), fix: fixOf(sorted) },
      );
    });
  },
});
