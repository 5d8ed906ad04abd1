import type { Field } from '#domain/collected.ts';
import type { KubernetesEvidence } from '#domain/evidence/kubernetes.ts';
import { isWithinPrivate } from '#domain/net/cidr.ts';
import type { UnknownReason } from '#domain/reason.ts';
import type { Severity } from '#domain/verdict.ts';
import { awsInternalAnnotation, awsScheme, isInternalAwsName, isPublicAwsName } from './aws-load-balancer.ts';
import { kubectl, mergePatch } from './fix.ts';

export type Service = Extract<KubernetesEvidence['services'], { state: 'collected' }>['value'][number];
export type Entrance = Extract<KubernetesEvidence['ingresses'], { state: 'collected' }>['value'][number];
type Address = Service['addresses'][number];

/** What one Service, Ingress or Gateway does. */
export type Exposure =
  | { readonly state: 'internal'; readonly line: string }
  | {
      readonly state: 'exposed';
      readonly line: string;
      readonly severity: Severity;
      /** The command that closes it. */
      readonly command?: string;
    }
  | { readonly state: 'unknown'; readonly line: string; readonly reason: UnknownReason };

function textOf(field: Field<string>): string | undefined {
  return field.state === 'given' ? field.value : undefined;
}

function ipsOf(addresses: readonly Address[]): readonly string[] {
  return addresses.flatMap(({ ip }) => textOf(ip) ?? []);
}

function hostnamesOf(addresses: readonly Address[]): readonly string[] {
  return addresses.flatMap(({ hostname }) => textOf(hostname) ?? []);
}

const AZURE_INTERNAL = 'service.beta.kubernetes.io/azure-load-balancer-internal';
const ALB_SCHEME = 'alb.ingress.kubernetes.io/scheme';
const IBM_TYPE = 'service.kubernetes.io/ibm-load-balancer-cloud-provider-ip-type';

/** The annotation that makes the Service's load balancer internal; undefined where only another type closes it, or nobody knows which. */
function internalAnnotation(service: Service, platform: KubernetesEvidence['platform']): string | undefined {
  if (platform === 'aks') return `${AZURE_INTERNAL}=true`;
  if (platform === 'iks') return `${IBM_TYPE}=private`;
  return platform === 'eks' ? awsInternalAnnotation(service) : undefined;
}

function closing(service: Service, platform: KubernetesEvidence['platform'] | undefined): string | undefined {
  const { namespace, name } = service;
  if (platform === undefined || platform === 'self-managed')
    return kubectl(namespace, 'patch', 'service', name, mergePatch({ spec: { type: 'ClusterIP' } }));
  const annotation = internalAnnotation(service, platform);
  return annotation && kubectl(namespace, 'annotate', 'service', name, `${annotation} --overwrite`);
}

/** A Service of type LoadBalancer, with the command that makes it internal. */
export function loadBalancerExposure(service: Service, platform: KubernetesEvidence['platform']): Exposure {
  const exposure = balancerExposure(service, platform);
  const command = exposure.state === 'exposed' ? closing(service, platform) : undefined;
  return exposure.state === 'exposed' && command !== undefined ? { ...exposure, command } : exposure;
}

/** The address that it really got wins over every annotation. */
function balancerExposure(service: Service, platform: KubernetesEvidence['platform']): Exposure {
  const { addresses, annotations, sourceRanges } = service;
  const name = `Service ${service.namespace}/${service.name}`;
  // Narrow source ranges make it less grave, and it is public all the same.
  const narrow = sourceRanges.length > 0 && !sourceRanges.some((range) => /\/0$/.test(range.trim()));
  const severity: Severity = narrow ? 'MEDIUM' : 'HIGH';
  const publicIp = ipsOf(addresses).find((ip) => !isWithinPrivate(ip));
  if (publicIp !== undefined)
    return { state: 'exposed', line: `${name}: load balancer with the public address ${publicIp}`, severity };
  if (platform === 'aks') return azureExposure(service, name, severity);
  if (platform === 'eks') return awsExposure(service, name, severity);
  const ibm = annotations[IBM_TYPE];
  if (platform === 'iks' && addresses.every(({ ip }) => ip.state !== 'given') && ibm !== 'private') {
    return {
      state: 'exposed',
      line: `${name}: ${IBM_TYPE} is ${ibm ?? 'absent'}, and the default is public`,
      severity,
    };
  }
  if (platform === 'iks' && ibm === 'private' && hostnamesOf(addresses).length > 0) {
    return { state: 'internal', line: `${name}: ${IBM_TYPE}: private` };
  }
  return byAddresses(name, addresses, severity);
}

/** Its name tells, or the annotation that its controller reads does. */
function awsExposure(service: Service, name: string, severity: Severity): Exposure {
  const names = hostnamesOf(service.addresses);
  const open = names.find(isPublicAwsName);
  if (open !== undefined) return { state: 'exposed', line: `${name}: ${open} is a public load balancer`, severity };
  const isTold = names.length > 0 ? names.every(isInternalAwsName) : ipsOf(service.addresses).length > 0;
  if (isTold) return byAddresses(name, service.addresses, severity);
  const scheme = awsScheme(service);
  const line = `${name}: ${scheme.line}`;
  if (scheme.state === 'unknown') return { ...scheme, line };
  return scheme.state === 'exposed' ? { state: 'exposed', line, severity } : { state: 'internal', line };
}

/** Only the exact value `true` makes an internal load balancer on Azure; `True` and `yes` make a public one. */
function azureExposure(
  { annotations, addresses, loadBalancerClass }: Service,
  name: string,
  severity: Severity,
): Exposure {
  const loadBalancer = textOf(loadBalancerClass);
  if (loadBalancer !== undefined) {
    return {
      state: 'unknown',
      reason: 'undecidable',
      line: `${name}: loadBalancerClass ${loadBalancer} belongs to another controller`,
    };
  }
  const internal = annotations[AZURE_INTERNAL];
  if (internal !== 'true') {
    return {
      state: 'exposed',
      line: `${name}: ${AZURE_INTERNAL} is ${internal === undefined ? 'absent' : `"${internal}"`}, not exactly "true"`,
      severity,
    };
  }
  return byAddresses(name, addresses, severity);
}

function byAddresses(name: string, addresses: readonly Address[], severity: Severity = 'HIGH'): Exposure {
  const ips = ipsOf(addresses);
  const names = hostnamesOf(addresses);
  const publicIp = ips.find((ip) => !isWithinPrivate(ip));
  if (publicIp !== undefined) return { state: 'exposed', line: `${name}: public address ${publicIp}`, severity };
  const named = names.find(isPublicAwsName);
  if (named !== undefined) return { state: 'exposed', line: `${name}: ${named} is a public load balancer`, severity };
  const open = names.find((hostname) => !isInternalAwsName(hostname));
  if (open !== undefined) {
    return {
      state: 'unknown',
      reason: 'undecidable',
      line: `${name}: whether ${open} is public is not known from inside the cluster`,
    };
  }
  if (ips.length + names.length === 0) {
    return { state: 'unknown', reason: 'transitional-state', line: `${name}: no address yet` };
  }
  return { state: 'internal', line: `${name}: ${[...ips, ...names].join(', ')}` };
}

/** An Ingress or a Gateway. */
export function entranceExposure(
  kind: 'Ingress' | 'Gateway',
  entrance: Entrance,
  platform: KubernetesEvidence['platform'],
): Exposure {
  const name = `${kind} ${entrance.namespace}/${entrance.name}`;
  const isAlb = platform === 'eks' && kind === 'Ingress';
  const command = isAlb
    ? kubectl(entrance.namespace, 'annotate', 'ingress', entrance.name, `${ALB_SCHEME}=internal --overwrite`)
    : kubectl(entrance.namespace, 'edit', kind.toLowerCase(), entrance.name);
  if (platform === 'eks' && entrance.annotations[ALB_SCHEME] === 'internet-facing') {
    return { state: 'exposed', line: `${name}: ${ALB_SCHEME}: internet-facing`, severity: 'HIGH', command };
  }
  const exposure = byAddresses(name, entrance.addresses);
  return exposure.state === 'exposed' ? { ...exposure, command } : exposure;
}

/** A NodePort is open to whoever reaches the nodes. */
export function nodePortExposure(service: Service, nodes: KubernetesEvidence['nodes']): Exposure {
  const { namespace, name, nodePorts } = service;
  const line = `Service ${namespace}/${name}: port ${nodePorts.join(', ')} open on every node`;
  if (nodes.state === 'unavailable') {
    return {
      state: 'unknown',
      reason: 'undecidable',
      line: `${line}; whether the nodes are exposed is not known: ${nodes.message}`,
    };
  }
  const open = nodes.value.filter(({ addresses }) => addresses.some((address) => !isWithinPrivate(address)));
  const reach =
    open.length > 0 ? `${open.length} nodes have public addresses` : 'the nodes have private addresses only';
  const command = closing(service, undefined);
  return {
    state: 'exposed',
    line: `${line}; ${reach}`,
    severity: 'LOW',
    ...(command === undefined ? {} : { command }),
  };
}

/** A load balancer opens its ports on the nodes as well: an internal one leaves them reachable where nodes have public addresses. */
export function publicNodePorts(service: Service, nodes: KubernetesEvidence['nodes']): readonly Exposure[] {
  if (service.nodePorts.length === 0) return [];
  if (nodes.state === 'unavailable') return [nodePortExposure(service, nodes)];
  const open = nodes.value.filter(({ addresses }) => addresses.some((address) => !isWithinPrivate(address)));
  if (open.length === 0) return [];
  const patch = mergePatch({ spec: { allocateLoadBalancerNodePorts: false } });
  const command = kubectl(service.namespace, 'patch', 'service', service.name, patch);
  const exposure = nodePortExposure(service, nodes);
  return [exposure.state === 'exposed' ? { ...exposure, command } : exposure];
}

const TYPES = ['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName'];

/** A type that nobody documented. Left out it is ClusterIP, the API's own default. */
export function oddType({ namespace, name, type }: Service): readonly Exposure[] {
  if (type.state === 'absent' || (type.state === 'given' && TYPES.includes(type.value))) return [];
  const [text, reason] =
    type.state === 'given' ? [type.value, 'unrecognised-value' as const] : [type.raw, 'malformed-answer' as const];
  return [{ state: 'unknown', reason, line: `Service ${namespace}/${name}: type ${text}` }];
}
