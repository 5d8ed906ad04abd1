import { type Fix, fail, notApplicable, type Proof, pass, unknown, unknownBecause } from '#domain/verdict.ts';
import { type CompiledPolicy, type Direction, type PolicyRef, policyName } from '#reachability/model.ts';
import { opennessOf } from '#reachability/unrestricted.ts';
import { defineKubernetesControl } from './shared/define-kubernetes-control.ts';
import { commandsFix, kubectl, yamlFix } from './shared/fix.ts';
import { policiesOf } from './shared/network.ts';
import { exemptNamespacesParameter, exemptProof, shortList } from './shared/scope.ts';

function words(name: string): ReadonlySet<string> {
  return new Set(name.toLowerCase().split(/[^a-z]+/));
}

/** What the name promises and the policy does not do. One Cilium object makes several policies of the same name. */
function contradictionOf(name: string, parts: readonly CompiledPolicy[]): string | undefined {
  const said = words(name);
  const acts = (direction: Direction) => parts.some((part) => part[direction] !== undefined);
  if (said.has('egress') && !said.has('ingress') && !acts('egress')) {
    return `${name} speaks of egress in its name and acts on ingress only`;
  }
  if (said.has('ingress') && !said.has('egress') && !acts('ingress')) {
    return `${name} speaks of ingress in its name and acts on egress only`;
  }
  const denies = ['deny', 'block', 'isolate'].some((word) => said.has(word)) && !said.has('allow');
  const opened = (['ingress', 'egress'] as const).find((direction) =>
    parts.some((part) => opennessOf(part, direction) === 'internet'),
  );
  return denies && opened !== undefined ? `${name} denies by its name and allows all ${opened}` : undefined;
}

/** The policies to be rewritten, with the places where the fields of a NetworkPolicy belong. */
function fixOf(refs: readonly PolicyRef[]): Fix {
  const shapes = refs
    .filter(({ kind }) => kind === 'NetworkPolicy')
    .map(({ namespace, name }) => shapeOf(JSON.stringify(name), JSON.stringify(namespace)));
  const commands = refs.map(({ kind, namespace, name }) => kubectl(namespace, 'edit', kind.toLowerCase(), name));
  return shapes.length === 0 ? commandsFix(commands) : yamlFix([...new Set(shapes)].join('\n---\n'), commands);
}

function shapeOf(name: string, namespace: string): string {
  return `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: ${name}, namespace: ${namespace} }
spec: # beside metadata, not below it
  podSelector:
    matchLabels: { app: name-of-the-pods-that-are-meant } # without it every pod of the namespace
  policyTypes: [Egress] # or [Ingress], as the name says; no rules: nothing is allowed`;
}

export default defineKubernetesControl({
  id: 'kubernetes-misapplied-policy',
  title: 'No policy does the reverse of its name',
  severity: 'LOW',
  basis: 'Seed 002: the sample policy deny-backend-egress',
  reference: 'kubernetes 5.8 NET-14',
  remediation:
    'Look at where podSelector and policyTypes stand: outside of spec they are dropped, and the policy becomes a default deny of ingress.',
  needs: ['list networkpolicies.networking.k8s.io'],
  parameters: exemptNamespacesParameter,
  evaluate({ evidence, parameters }) {
    const reading = policiesOf(evidence);
    if (reading.state === 'unread') return unknownBecause(reading.part);
    const [broken] = reading.invalid;
    if (broken !== undefined)
      return unknown('malformed-answer', `${broken.resource}: ${broken.field}: ${broken.message}`);
    const exempt = new Set(parameters.exemptNamespaces);
    const judged = reading.policies.filter(({ ref }) => !exempt.has(ref.namespace));
    if (judged.length === 0)
      return notApplicable('no-policy', 'there is no policy to be judged', exemptProof([...exempt]));
    const byName = Map.groupBy(judged, ({ ref }) => policyName(ref));
    const contradictions = [...byName]
      .flatMap(([name, parts]) => {
        const line = contradictionOf(name, parts);
        return line === undefined ? [] : [{ line, refs: parts.map(({ ref }) => ref) }];
      })
      .toSorted((a, b) => (a.line < b.line ? -1 : 1));
    return contradictions.length > 0
      ? fail(
          'misapplied',
          shortList(
            contradictions.map(({ line }) => line),
            3,
          ),
          contradictions.map(({ line }): Proof => ({ kind: 'derived', line })),
          { fix: fixOf(contradictions.flatMap(({ refs }) => refs)) },
        )
      : pass(`${byName.size} policies do what their names say`, [
          { kind: 'derived', line: `${byName.size} names compared with the directions that the policies act on` },
        ]);
  },
});
