import type { KubernetesEvidence } from '#domain/evidence/kubernetes.ts';
import { type Fix, fail, type Proof, pass, unknown, unknownBecause } from '#domain/verdict.ts';
import { workloadId } from '#reachability/classes.ts';
import { deploymentOf } from '#reachability/documents.ts';
import { OWNER_DEFAULT } from './shared/defaults.ts';
import { defineKubernetesControl } from './shared/define-kubernetes-control.ts';
import { kubectl, mergePatch, yamlFix } from './shared/fix.ts';
import { EXEMPT_NAMESPACES, exemptProof, shortList } from './shared/scope.ts';

/** `namespace/name`, `namespace/name[Kind]`, or with `*` at the end. */
function isAllowed(workload: string, allowed: readonly string[]): boolean {
  return allowed.some((entry) =>
    entry.endsWith('*')
      ? workload.startsWith(entry.slice(0, -1))
      : workload === entry || workload.startsWith(`${entry}[`),
  );
}

type Pod = Extract<KubernetesEvidence['pods'], { state: 'collected' }>['value'][number];

function nameOf({ namespace, name, owner, labels }: Pod): string {
  return workloadId(
    namespace,
    owner.state === 'given' && owner.value.kind !== 'Node' ? deploymentOf(owner.value, labels) : { kind: 'Pod', name },
  );
}

/** The pod's owner cannot be read, and decides: some workloads of the namespace are allowed, and not all of them. */
function isUndecided({ namespace, owner }: Pod, allowed: readonly string[]): boolean {
  const anyOfNamespace = `${namespace}/`;
  return (
    owner.state === 'malformed' &&
    !isAllowed(anyOfNamespace, allowed) &&
    allowed.some((entry) => entry.startsWith(anyOfNamespace))
  );
}

const TEMPLATED = ['Deployment', 'DaemonSet', 'StatefulSet', 'ReplicaSet'];

/** The workload's template where it has one, and the setting that declares the others as expected. */
function fixOf(unexpected: readonly string[]): Fix {
  const commands = unexpected.flatMap((workload) => {
    const [, namespace = '', name = '', kind = ''] = /^([^/]*)\/(.*)\[(\w+)\]$/.exec(workload) ?? [];
    const patch = mergePatch({ spec: { template: { spec: { hostNetwork: false } } } });
    return TEMPLATED.includes(kind) ? [kubectl(namespace, 'patch', kind.toLowerCase(), name, patch)] : [];
  });
  const names = unexpected.map((workload) => JSON.stringify(workload)).join(', ');
  return yamlFix(
    `# ringfence.yaml, where they are expected\ncontrols:\n  kubernetes-host-network: { hostNetworkAllowed: [${names}] }`,
    commands,
  );
}

export default defineKubernetesControl({
  id: 'kubernetes-host-network',
  title: 'No unexpected pod runs on the host network',
  severity: 'MEDIUM',
  basis: 'Seed 002: NetworkPolicies concern pods only',
  reference: 'kubernetes 1 NET-5',
  remediation:
    'Run the workloads named without hostNetwork, or list them under hostNetworkAllowed. No NetworkPolicy holds them.',
  needs: ['list pods'],
  defaults: OWNER_DEFAULT,
  parameters: {
    exemptNamespaces: { describe: 'Namespaces whose host-network pods are expected.', default: EXEMPT_NAMESPACES },
    hostNetworkAllowed: {
      describe: 'Workloads that may run on the host network: namespace/name, or namespace/*.',
      default: [],
    },
  },
  evaluate({ evidence: { pods }, parameters }) {
    if (pods.state === 'unavailable') return unknownBecause(pods);
    const exempt = new Set(parameters.exemptNamespaces);
    const allowed = parameters.hostNetworkAllowed;
    const onHost = pods.value.filter(({ hostNetwork }) => hostNetwork);
    const relevant = onHost.filter(({ namespace }) => !exempt.has(namespace));
    const undecided = relevant.filter((pod) => isUndecided(pod, allowed));
    const judged = [...new Set(relevant.filter((pod) => !undecided.includes(pod)).map(nameOf))].sort();
    const unexpected = judged.filter((workload) => !isAllowed(workload, allowed));
    const proof = [
      ...unexpected.map(
        (workload): Proof => ({
          kind: 'fact',
          line: `${workload} runs with hostNetwork: true`,
          source: pods.source,
          field: 'spec.hostNetwork',
          value: true,
        }),
      ),
      ...judged
        .filter((workload) => isAllowed(workload, allowed))
        .map(
          (workload): Proof => ({
            kind: 'declared',
            line: `${workload} is allowed on the host network`,
            field: 'hostNetworkAllowed',
            value: workload,
          }),
        ),
      ...exemptProof(
        [...new Set(onHost.map(({ namespace }) => namespace).filter((namespace) => exempt.has(namespace)))].sort(),
      ),
    ];
    if (unexpected.length > 0) {
      return fail(
        'host-network',
        `${unexpected.length} workloads run on the host network, out of reach of NetworkPolicies: ${shortList(unexpected)}`,
        proof,
        { fix: fixOf(unexpected) },
      );
    }
    if (undecided.length > 0) {
      const names = undecided.map(nameOf).sort();
      return unknown(
        'malformed-answer',
        `whose pods these are cannot be read, so whether they are allowed is not known: ${shortList(names)}`,
        proof,
      );
    }
    return pass('no unexpected pod runs on the host network', [
      {
        kind: 'fact',
        line: `${pods.value.length} running pods read, ${onHost.length} on the host network`,
        source: pods.source,
      },
      ...proof,
    ]);
  },
});
