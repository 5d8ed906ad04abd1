import type { Unavailable } from '#domain/collected.ts';
import { compareSeverity, fail, type Proof, pass, unknown, unknownBecause } from '#domain/verdict.ts';
import { defineKubernetesControl } from './shared/define-kubernetes-control.ts';
import { commandsFix, EXTERNAL_IPS_FIRST, kubectl } from './shared/fix.ts';
import { exemptProof, shortList } from './shared/scope.ts';
import {
  type Exposure,
  entranceExposure,
  loadBalancerExposure,
  nodePortExposure,
  oddType,
  publicNodePorts,
  type Service,
} from './shared/service-exposure.ts';

export default defineKubernetesControl({
  id: 'kubernetes-services-internal',
  title: 'No Service, Ingress or Gateway is exposed to the internet',
  severity: 'HIGH',
  dimension: ['inbound exposure', 'in-cluster isolation'],
  basis: 'Seeds 002 and 003: traffic stays on private addresses',
  reference: 'kubernetes 1.3 NET-10, azure 3.2',
  remediation:
    'Make the load balancers named internal by the annotation of the platform, and offer NodePorts and externalIPs through an internal load balancer instead.',
  needs: ['list services', 'list ingresses.networking.k8s.io', 'list gateways.gateway.networking.k8s.io', 'list nodes'],
  parameters: {
    exemptNamespaces: {
      describe:
        'Namespaces that are not judged. None by default: a load balancer of kube-system is as public as any other.',
      default: [],
    },
  },
  evaluate({ evidence: { services, ingresses, gateways, nodes, platform }, parameters }) {
    const exempt = new Set(parameters.exemptNamespaces);
    const judged = <T extends { readonly namespace: string }>(list: readonly T[]) =>
      list.filter(({ namespace }) => !exempt.has(namespace));
    const parts = [services, ingresses, gateways];
    const unread = parts.filter((part): part is Unavailable => part.state === 'unavailable');
    const exposuresOf = (service: Service): readonly Exposure[] => [
      ...(service.type.state === 'given' && service.type.value === 'LoadBalancer'
        ? [loadBalancerExposure(service, platform), ...publicNodePorts(service, nodes)]
        : []),
      ...(service.type.state === 'given' && service.type.value === 'NodePort'
        ? [nodePortExposure(service, nodes)]
        : []),
      ...service.externalIPs.map(
        (ip): Exposure => ({
          state: 'exposed',
          line: `Service ${service.namespace}/${service.name}: externalIPs ${ip}`,
          severity: 'HIGH',
          command: kubectl(service.namespace, 'edit', 'service', service.name),
        }),
      ),
      ...oddType(service),
    ];
    const found = [
      ...(services.state === 'collected' ? judged(services.value).flatMap(exposuresOf) : []),
      ...(ingresses.state === 'collected'
        ? judged(ingresses.value).map((entry) => entranceExposure('Ingress', entry, platform))
        : []),
      ...(gateways.state === 'collected'
        ? judged(gateways.value.items).map((entry) => entranceExposure('Gateway', entry, platform))
        : []),
    ].toSorted((a, b) => (a.line < b.line ? -1 : 1));
    const exposed = found
      .filter((entry) => entry.state === 'exposed')
      .toSorted((a, b) => compareSeverity(a.severity, b.severity));
    const open = found.filter((entry) => entry.state === 'unknown');
    const internal = found.filter((entry) => entry.state === 'internal');
    const proof = [...exposed, ...open, ...internal].map(({ line }): Proof => ({ kind: 'fact', line }));
    const notes = exemptProof([...exempt].sort());
    const [worst] = exposed;
    if (worst !== undefined) {
      const first = exposed.some(({ line }) => line.includes(': externalIPs '))
        ? { checkFirst: [EXTERNAL_IPS_FIRST] }
        : {};
      return fail(
        'exposed',
        shortList(
          exposed.map(({ line }) => line),
          3,
        ),
        [...proof, ...notes],
        {
          severity: worst.severity,
          fix: { ...first, ...commandsFix(exposed.flatMap(({ command }) => command ?? [])) },
        },
      );
    }
    const [missing] = unread;
    if (missing !== undefined) return unknownBecause(missing, proof);
    const [doubt] = open;
    if (doubt !== undefined)
      return unknown(
        doubt.reason,
        shortList(
          open.map(({ line }) => line),
          3,
        ),
        [...proof, ...notes],
      );
    const count = services.state === 'collected' ? services.value.length : 0;
    return pass(
      internal.length > 0
        ? `all ${internal.length} entrances are internal`
        : 'no Service, Ingress or Gateway leads out of the cluster',
      [...proof, { kind: 'fact', line: `${count} Services, and every Ingress and Gateway, read` }, ...notes],
    );
  },
});
