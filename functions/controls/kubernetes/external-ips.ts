import { fail, type Proof, pass, unknownBecause } from '#domain/verdict.ts';
import { defineKubernetesControl } from './shared/define-kubernetes-control.ts';
import { commandsFix, EXTERNAL_IPS_FIRST, kubectl } from './shared/fix.ts';
import { exemptProof, shortList } from './shared/scope.ts';

export default defineKubernetesControl({
  id: 'kubernetes-external-ips',
  title: 'No Service uses externalIPs',
  severity: 'MEDIUM',
  basis: 'Seed 002: only workloads that need it get public addresses',
  reference: 'kubernetes 1 NET-11',
  remediation:
    'Remove spec.externalIPs from the Services named, and enable the admission plugin DenyServiceExternalIPs.',
  needs: ['list services'],
  parameters: {
    exemptNamespaces: {
      describe:
        'Namespaces whose Services are not judged. None by default: a Service of kube-system takes traffic too.',
      default: [],
    },
  },
  evaluate({ evidence: { services }, parameters }) {
    if (services.state === 'unavailable') return unknownBecause(services);
    const exempt = new Set(parameters.exemptNamespaces);
    const using = services.value
      .filter(({ namespace, externalIPs }) => !exempt.has(namespace) && externalIPs.length > 0)
      .map(({ namespace, name, externalIPs }) => ({
        name: `${namespace}/${name}`,
        externalIPs,
        command: kubectl(namespace, 'edit', 'service', name),
      }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
    const proof = using.map(
      ({ name, externalIPs }): Proof => ({
        kind: 'fact',
        line: `Service ${name} externalIPs: ${externalIPs.join(', ')}`,
        source: services.source,
        field: 'spec.externalIPs',
        value: externalIPs,
      }),
    );
    const notes = exemptProof([...exempt].sort());
    return using.length > 0
      ? fail(
          'external-ips',
          `externalIPs in use: ${shortList(using.map(({ name, externalIPs }) => `${name} (${externalIPs.join(', ')})`))}`,
          [...proof, ...notes],
          { fix: { checkFirst: [EXTERNAL_IPS_FIRST], ...commandsFix(using.map(({ command }) => command)) } },
        )
      : pass('no Service uses externalIPs', [
          {
            kind: 'fact',
            line: `${services.value.length} Services read, none with externalIPs`,
            source: services.source,
            field: 'spec.externalIPs',
            value: [],
          },
          ...notes,
        ]);
  },
});
