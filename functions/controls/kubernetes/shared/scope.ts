import type { KubernetesEvidence } from '#domain/evidence/kubernetes.ts';
import { fail, type Proof, unknown, unknownBecause, type Verdict } from '#domain/verdict.ts';
import { certainPart, isInRule, type Network, networkOf } from './network.ts';
import { type Enforcement, enforcementOf } from './network-plugin.ts';

export const EXEMPT_NAMESPACES = ['kube-system', 'kube-public', 'kube-node-lease'] as const;

/** The parameter that every control over namespaces takes. */
export const exemptNamespacesParameter = {
  exemptNamespaces: {
    describe: 'Namespaces that are not judged; they are listed in the proof.',
    default: EXEMPT_NAMESPACES,
  },
} as const;

/** The calls without which policies cannot be judged pod by pod. */
export const POLICY_NEEDS = [
  'list namespaces',
  'list pods',
  'list networkpolicies.networking.k8s.io',
  'list daemonsets.apps',
] as const;

/**
 * Judges the network where it could be read. A PASS holds only while the network plugin enforces policies: where it does not, the
 * verdict is FAIL `not-enforced`; where that is not known, UNKNOWN. A part that is not evaluated leaves a verdict in doubt only
 * where it could change it.
 */
export function judgeNetwork(
  evidence: KubernetesEvidence,
  evaluate: (network: Network, enforcement: Enforcement) => Verdict,
): Verdict {
  const reading = networkOf(evidence);
  if (reading.state === 'unread') return unknownBecause(reading.part);
  const { invalid, undecidable } = reading.network;
  const [broken] = invalid;
  if (broken !== undefined) {
    return unknown(
      'malformed-answer',
      `${broken.resource} cannot be as it was served: ${broken.field}: ${broken.message}`,
    );
  }
  const enforcement = enforcementOf(evidence);
  const verdict = evaluate(reading.network, enforcement);
  if (verdict.status !== 'PASS' && verdict.status !== 'FAIL') return verdict;
  const [open] = undecidable;
  const holds =
    open === undefined ||
    (undecidable.every(isInRule) && evaluate(certainPart(reading.network), enforcement).status === verdict.status);
  if (open !== undefined && !holds) {
    const doubt = undecidable.map(
      ({ resource, field, message }): Proof => ({ kind: 'fact', line: `${resource} ${field}: ${message}`, field }),
    );
    return unknown('undecidable', `${open.resource} is not evaluated as a whole; as far as it is: ${verdict.message}`, [
      ...doubt,
      ...verdict.proof,
    ]);
  }
  return verdict.status === 'PASS' ? onlyIfEnforced(verdict, enforcement) : verdict;
}

function onlyIfEnforced(verdict: Verdict, enforcement: Enforcement): Verdict {
  const proof = [...enforcement.proof, ...verdict.proof];
  switch (enforcement.state) {
    case 'enforced':
      return { ...verdict, proof: [...verdict.proof, ...enforcement.proof] };
    case 'not-enforced':
      return fail('not-enforced', `policies exist, but nothing enforces them: ${enforcement.message}`, proof, {
        fix: enforcement.fix,
      });
    case 'unknown':
      return unknown(enforcement.reason, `whether policies are enforced is not known: ${enforcement.message}`, proof);
  }
}

/** `a, b, c and 12 more`: a message stays readable however much is wrong; the proof lists everything. */
export function shortList(names: readonly string[], most = 5): string {
  const rest = names.length - most;
  return rest > 0 ? `${names.slice(0, most).join(', ')} and ${rest} more` : names.join(', ');
}

export function exemptProof(names: readonly string[]): readonly Proof[] {
  return names.length === 0
    ? []
    : [
        {
          kind: 'declared',
          line: `exempt by configuration: ${names.join(', ')}`,
          field: 'exemptNamespaces',
          value: names,
        },
      ];
}
