import type { PodClass } from './classes.ts';
import { outsideOf } from './exposure.ts';
import type { Service } from './objects.ts';
import { intersect, isNone, NO_PORTS, type PortSet, ports, union } from './ports.ts';
import type { Reachability } from './reachability.ts';
import { compare, type PeerPorts, PeerTable, textOf, workloadsOf } from './report-rows.ts';
import { compileSelector } from './selector.ts';
import { targetPortsOf } from './service-peers.ts';
import { items } from './shape.ts';

/** A Service in the picture. */
export interface ServiceRow {
  /** `shop/web`. */
  readonly service: string;
  readonly type: string;
  /** Who reaches its address: pods, whoever reaches a node, the private network around the cluster, or the internet. */
  readonly exposure: 'cluster' | 'nodes' | 'internal' | 'internet' | 'name';
  readonly because: string;
  /** The workloads behind it, with the ports on which their own policies let such a caller in. */
  readonly to: readonly PeerPorts[];
}

interface Marker {
  readonly annotation: string;
  readonly isInternal: (value: string) => boolean;
}

const isTrue = (value: string) => value.toLowerCase() === 'true';

/** Annotations that make a load balancer internal, each read by the controllers of its platform. */
const INTERNAL: readonly Marker[] = [
  { annotation: 'service.beta.kubernetes.io/azure-load-balancer-internal', isInternal: isTrue },
  { annotation: 'networking.gke.io/load-balancer-type', isInternal: (value) => value === 'Internal' },
  { annotation: 'cloud.google.com/load-balancer-type', isInternal: (value) => value === 'Internal' },
  {
    annotation: 'service.kubernetes.io/ibm-load-balancer-cloud-provider-ip-type',
    isInternal: (value) => value === 'private',
  },
  { annotation: 'service.beta.kubernetes.io/oci-load-balancer-internal', isInternal: isTrue },
  { annotation: 'service.beta.kubernetes.io/openstack-internal-load-balancer', isInternal: isTrue },
];

const SCHEME = 'service.beta.kubernetes.io/aws-load-balancer-scheme';
const AWS_INTERNAL = 'service.beta.kubernetes.io/aws-load-balancer-internal';
const AWS_TYPE = 'service.beta.kubernetes.io/aws-load-balancer-type';

/** Every Service, sorted by name. */
export function serviceRows(reach: Reachability, services: readonly Service[]): readonly ServiceRow[] {
  return services
    .map((service): ServiceRow => {
      const { exposure, because } = exposureOf(service);
      return {
        service: `${service.namespace}/${service.name}`,
        type: typeOf(service),
        exposure,
        because,
        to: targetsOf(reach, service, exposure !== 'cluster'),
      };
    })
    .sort((a, b) => compare(a.service, b.service));
}

function typeOf({ spec }: Service): string {
  return String(spec['type'] ?? 'ClusterIP');
}

function exposureOf(service: Service): Pick<ServiceRow, 'exposure' | 'because'> {
  const { spec } = service;
  const external = items(spec['externalIPs']);
  if (external.length > 0)
    return { exposure: 'nodes', because: `externalIPs ${external.join(', ')} are answered by every node` };
  switch (typeOf(service)) {
    case 'LoadBalancer':
      return balancerExposure(service);
    case 'NodePort':
      return { exposure: 'nodes', because: 'a port on every node' };
    case 'ExternalName':
      return { exposure: 'name', because: `an alias of ${String(spec['externalName'])}` };
    default:
      return { exposure: 'cluster', because: `type ${typeOf(service)}` };
  }
}

function balancerExposure(service: Service): Pick<ServiceRow, 'exposure' | 'because'> {
  const { annotations, spec } = service;
  const value = (name: string) => (annotations[name] === undefined ? undefined : String(annotations[name]));
  const marker = INTERNAL.find(({ annotation, isInternal }) => isInternal(value(annotation) ?? ''));
  if (marker !== undefined) {
    return { exposure: 'internal', because: `${marker.annotation}: ${value(marker.annotation)}` };
  }
  const aws = awsExposure(String(spec['loadBalancerClass'] ?? ''), value);
  if (aws !== undefined) return aws;
  const sources = items(spec['loadBalancerSourceRanges']);
  const narrowed = sources.length === 0 ? '' : `, from ${sources.join(', ')} only`;
  return { exposure: 'internet', because: `no annotation makes the load balancer internal${narrowed}` };
}

/**
 * The load balancer controller and EKS Auto Mode make internal balancers unless the scheme says otherwise; the in-tree controller reads
 * only `aws-load-balancer-internal`, and Auto Mode never does.
 */
function awsExposure(
  loadBalancerClass: string,
  value: (name: string) => string | undefined,
): Pick<ServiceRow, 'exposure' | 'because'> | undefined {
  const isAutoMode = loadBalancerClass === 'eks.amazonaws.com/nlb';
  const isController =
    isAutoMode ||
    loadBalancerClass === 'service.k8s.aws/nlb' ||
    ['external', 'nlb-ip'].includes(value(AWS_TYPE)?.toLowerCase() ?? '');
  const scheme = isController ? value(SCHEME) : undefined;
  const internal = isAutoMode ? undefined : value(AWS_INTERNAL);
  const isInternal = internal !== undefined && internal !== '' && internal.toLowerCase() !== 'false';
  if (scheme !== undefined) {
    return { exposure: scheme === 'internal' ? 'internal' : 'internet', because: `${SCHEME}: ${scheme}` };
  }
  if (internal !== undefined) {
    return { exposure: isInternal ? 'internal' : 'internet', because: `${AWS_INTERNAL}: ${internal}` };
  }
  if (isController) {
    return { exposure: 'internal', because: 'internal by default of the controller that makes the load balancer' };
  }
  const ignored = value(SCHEME);
  return ignored === undefined
    ? undefined
    : { exposure: 'internet', because: `${SCHEME}: ${ignored} is not read by the controller of this Service` };
}

function targetsOf(reach: Reachability, service: Service, isFromOutside: boolean): readonly PeerPorts[] {
  if (service.selector === undefined) return [];
  const matches = compileSelector({ matchLabels: service.selector });
  const target = targetPortsOf(service);
  const table = new PeerTable();
  const none: string[] = [];
  for (const pod of reach.classes) {
    if (pod.namespace.name !== service.namespace || !matches(pod.labels)) continue;
    const named = pod.ports
      .filter(({ name, protocol }) => target.names.some((one) => one.name === name && one.protocol === protocol))
      .map(({ protocol, port }) => ports(protocol, port, port));
    const open = intersect(named.reduce(union, target.numbers), letIn(reach, pod, isFromOutside));
    for (const workload of workloadsOf(pod)) {
      if (isNone(open)) none.push(workload);
      else table.add(workload, open);
    }
  }
  const rows = table.rows();
  const closed = [...new Set(none)].filter((workload) => !rows.some(([peer]) => peer === workload));
  return [
    ...rows.map(([peer, open]): PeerPorts => ({ peer, ports: textOf(open) })),
    ...closed.map((peer): PeerPorts => ({ peer, ports: [] })),
  ].sort((a, b) => compare(a.peer, b.peer));
}

/** On which ports anybody at all of that side is let in. */
function letIn(reach: Reachability, pod: PodClass, isFromOutside: boolean): PortSet {
  if (isFromOutside)
    return outsideOf(reach, [pod], 'ingress')
      .map(([, open]) => open)
      .reduce(union, NO_PORTS);
  const profile = reach.profile(pod, 'ingress');
  return [...profile.named().values()].reduce(union, profile.anyPod);
}
