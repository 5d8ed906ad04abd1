import * as v from 'valibot';
import { ABSENT, given } from '#domain/collected.ts';
import type { KubernetesEvidence } from '#domain/evidence/kubernetes.ts';
import { annotationsOf, Metadata, textField } from './objects.ts';

type Service = Extract<KubernetesEvidence['services'], { state: 'collected' }>['value'][number];
type Entrance = Extract<KubernetesEvidence['ingresses'], { state: 'collected' }>['value'][number];

const LoadBalancerStatus = v.nullish(
  v.object({
    loadBalancer: v.nullish(
      v.object({
        ingress: v.nullish(v.array(v.object({ ip: v.optional(v.unknown()), hostname: v.optional(v.unknown()) }))),
      }),
    ),
  }),
);

function addressesOf(status: v.InferOutput<typeof LoadBalancerStatus>) {
  return (status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ({
    ip: textField(ip),
    hostname: textField(hostname),
  }));
}

const Service = v.object({
  metadata: Metadata,
  spec: v.object({
    type: v.optional(v.unknown()),
    loadBalancerClass: v.optional(v.unknown()),
    externalIPs: v.nullish(v.array(v.string())),
    loadBalancerSourceRanges: v.nullish(v.array(v.string())),
    ports: v.nullish(v.array(v.object({ nodePort: v.nullish(v.number()) }))),
  }),
  status: LoadBalancerStatus,
});

const LOAD_BALANCER = [
  'service.beta.kubernetes.io/',
  'service.kubernetes.io/',
  'alb.ingress.kubernetes.io/',
  'cloud.google.com/',
];

export function readService(item: unknown): Service {
  const { metadata, spec, status } = v.parse(Service, item);
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    type: textField(spec.type),
    loadBalancerClass: textField(spec.loadBalancerClass),
    annotations: annotationsOf(metadata, LOAD_BALANCER),
    externalIPs: spec.externalIPs ?? [],
    sourceRanges: spec.loadBalancerSourceRanges ?? [],
    nodePorts: (spec.ports ?? []).flatMap(({ nodePort }) => nodePort ?? []),
    addresses: addressesOf(status),
  };
}

const Ingress = v.object({
  metadata: Metadata,
  spec: v.nullish(v.object({ ingressClassName: v.optional(v.unknown()) })),
  status: LoadBalancerStatus,
});

export function readIngress(item: unknown): Entrance {
  const { metadata, spec, status } = v.parse(Ingress, item);
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    className: textField(spec?.ingressClassName),
    annotations: annotationsOf(metadata, LOAD_BALANCER),
    addresses: addressesOf(status),
  };
}

const Gateway = v.object({
  metadata: Metadata,
  spec: v.object({ gatewayClassName: v.optional(v.unknown()) }),
  status: v.nullish(
    v.object({ addresses: v.nullish(v.array(v.object({ type: v.nullish(v.string()), value: v.string() }))) }),
  ),
});

/** A Gateway's address is an IP address where it does not say otherwise. Reference: Gateway API v1, GatewayStatusAddress. */
export function readGateway(item: unknown): Entrance[] {
  const { metadata, spec, status } = v.parse(Gateway, item);
  return [
    {
      namespace: metadata.namespace ?? '',
      name: metadata.name,
      className: textField(spec.gatewayClassName),
      annotations: annotationsOf(metadata, LOAD_BALANCER),
      addresses: (status?.addresses ?? []).map(({ type, value }) =>
        (type ?? 'IPAddress') === 'IPAddress'
          ? { ip: given(value), hostname: ABSENT }
          : { ip: ABSENT, hostname: given(value) },
      ),
    },
  ];
}
