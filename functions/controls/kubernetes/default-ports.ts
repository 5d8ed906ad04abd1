import { fail, pass } from '#domain/verdict.ts';
import { apiServers, flagOf, flagProof } from './shared/control-plane.ts';
import { defineKubernetesControl } from './shared/define-kubernetes-control.ts';
import { yamlFix } from './shared/fix.ts';

/** kube-apiserver listens here when --secure-port is not given. */
const DEFAULT_PORT = '6443';

export default defineKubernetesControl({
  id: 'kubernetes-default-ports',
  title: 'The API server does not listen on its default port',
  severity: 'INFORMATIONAL',
  basis: 'Seed 002: avoid default ports',
  reference: 'kubernetes 1 NET-9',
  remediation:
    'Nothing has to be done: another port only makes the API server harder to find (Kubespray: kube_apiserver_port).',
  needs: ['list pods'],
  evaluate({ evidence }) {
    const servers = apiServers(evidence);
    if ('verdict' in servers) return servers.verdict;
    const judged = servers.pods.map((pod) => ({ pod, port: flagOf(pod.command, 'secure-port') }));
    const proof = judged.map(({ pod, port }) => flagProof(evidence.staticPods, pod, 'secure-port', port));
    const usual = judged.filter(({ port }) => (port ?? DEFAULT_PORT) === DEFAULT_PORT);
    return usual.length > 0
      ? fail(
          'default-port',
          `${usual.map(({ pod }) => pod.name).join(', ')}: port ${DEFAULT_PORT}, the default`,
          proof,
          {
            fix: yamlFix('# Kubespray inventory, group_vars/all\nkube_apiserver_port: 8443'),
          },
        )
      : pass('no API server listens on its default port', proof);
  },
});
