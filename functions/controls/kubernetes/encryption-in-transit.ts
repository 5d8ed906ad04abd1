import { fail, notApplicable, pass, unknown } from '#domain/verdict.ts';
import { defineKubernetesControl } from './shared/define-kubernetes-control.ts';
import { commandsFix, kubectl, mergePatch } from './shared/fix.ts';
import { istio } from './shared/istio.ts';
import { linkerd } from './shared/linkerd.ts';
import { calicoEncryption, ciliumEncryption, encryptionProof } from './shared/mesh.ts';
import { EXEMPT_NAMESPACES } from './shared/scope.ts';

/** One of the two, by the network plugin. */
const SWITCH_ON = [
  kubectl('', 'patch', 'felixconfiguration', 'default', mergePatch({ spec: { wireguardEnabled: true } })),
  kubectl('kube-system', 'patch', 'configmap', 'cilium-config', mergePatch({ data: { 'enable-wireguard': 'true' } })),
];

export default defineKubernetesControl({
  id: 'kubernetes-encryption-in-transit',
  title: 'Traffic between workloads is encrypted',
  severity: 'MEDIUM',
  basis: 'Seed 002: use a service mesh for encryption and authentication',
  reference: 'kubernetes 1.2 NET-7',
  remediation: 'Set mutual TLS to STRICT for the whole mesh, or switch on WireGuard or IPsec between the nodes.',
  needs: [
    'list namespaces',
    'list pods',
    'list peerauthentications.security.istio.io',
    'get configmaps/istio',
    'list servers.policy.linkerd.io',
    'get configmaps/linkerd-config',
    'list felixconfigurations.crd.projectcalico.org',
    'get configmaps/cilium-config',
  ],
  parameters: {
    exemptNamespaces: { describe: 'Namespaces outside of the mesh.', default: EXEMPT_NAMESPACES },
    meshRequired: { describe: 'Whether a cluster without any encryption between workloads fails.', default: false },
  },
  evaluate({ evidence, parameters }) {
    const exempt = new Set(parameters.exemptNamespaces);
    const mechanisms = [
      istio(evidence, exempt),
      linkerd(evidence, exempt),
      ciliumEncryption(evidence),
      calicoEncryption(evidence),
    ];
    const proof = encryptionProof(mechanisms);
    const encrypted = mechanisms.find(({ state }) => state === 'encrypted');
    if (encrypted !== undefined) return pass(encrypted.line, proof);
    const open = mechanisms.find(({ state }) => state === 'open');
    if (open !== undefined) {
      return fail('plain-text-accepted', open.line, proof, open.fix === undefined ? {} : { fix: open.fix });
    }
    const doubt = mechanisms.find(({ state }) => state === 'unknown');
    if (doubt !== undefined) return unknown(doubt.reason ?? 'undecidable', doubt.line, proof);
    return parameters.meshRequired
      ? fail('no-encryption', 'no mesh and no encryption between nodes, and one is required (meshRequired)', proof, {
          fix: commandsFix(SWITCH_ON),
        })
      : notApplicable('no-mesh', 'no mesh and no encryption between nodes; none is required', proof);
  },
});
