import type { Field } from '#domain/collected.ts';
import type { KubernetesEvidence } from '#domain/evidence/kubernetes.ts';
import type { UnknownReason } from '#domain/reason.ts';

type Service = Extract<KubernetesEvidence['services'], { state: 'collected' }>['value'][number];

const SCHEME = 'service.beta.kubernetes.io/aws-load-balancer-scheme';
const INTERNAL = 'service.beta.kubernetes.io/aws-load-balancer-internal';
const TYPE = 'service.beta.kubernetes.io/aws-load-balancer-type';

/**
 * Who makes the Service's load balancer, which decides the annotation that counts.
 * Reference: AWS Load Balancer Controller, NLB annotations; EKS user guide, Auto Mode load balancing; Kubernetes, AWS cloud provider.
 */
type Controller = 'load-balancer-controller' | 'auto-mode' | 'in-tree' | 'unknown';

function controllerOf({ loadBalancerClass, annotations }: Service): Controller {
  if (loadBalancerClass.state === 'given') {
    if (loadBalancerClass.value === 'service.k8s.aws/nlb') return 'load-balancer-controller';
    return loadBalancerClass.value === 'eks.amazonaws.com/nlb' ? 'auto-mode' : 'unknown';
  }
  if (loadBalancerClass.state === 'malformed') return 'unknown';
  return ['external', 'nlb-ip'].includes(annotations[TYPE] ?? '') ? 'load-balancer-controller' : 'in-tree';
}

/** The annotation that makes it internal; undefined where nobody knows who reads one. */
export function awsInternalAnnotation(service: Service): string | undefined {
  const controller = controllerOf(service);
  if (controller === 'unknown') return undefined;
  return controller === 'in-tree' ? `${INTERNAL}=true` : `${SCHEME}=internal`;
}

export type AwsScheme =
  | { readonly state: 'internal' | 'exposed'; readonly line: string }
  | { readonly state: 'unknown'; readonly reason: UnknownReason; readonly line: string };

/** What the annotations make of it, as its controller reads them. */
export function awsScheme(service: Service): AwsScheme {
  const { annotations, loadBalancerClass } = service;
  switch (controllerOf(service)) {
    case 'auto-mode':
      return schemeOf(annotations[SCHEME], undefined);
    case 'load-balancer-controller':
      return schemeOf(annotations[SCHEME], annotations[INTERNAL]);
    case 'in-tree': {
      const value = annotations[INTERNAL];
      const isInternal = value !== undefined && value !== '' && value !== 'false';
      const ignored = annotations[SCHEME] === undefined ? '' : `; the in-tree controller ignores ${SCHEME}`;
      return { state: isInternal ? 'internal' : 'exposed', line: `${INTERNAL} is ${shown(value)}${ignored}` };
    }
    case 'unknown':
      return {
        state: 'unknown',
        reason: 'undecidable',
        line: `loadBalancerClass ${textOf(loadBalancerClass)} belongs to a controller that is not known`,
      };
  }
}

/** Both make an internal load balancer unless they are told otherwise; the scheme is read before the older annotation. */
function schemeOf(scheme: string | undefined, internal: string | undefined): AwsScheme {
  if (scheme === 'internal' || scheme === 'internet-facing')
    return { state: scheme === 'internal' ? 'internal' : 'exposed', line: `${SCHEME}: ${scheme}` };
  if (scheme !== undefined)
    return { state: 'unknown', reason: 'unrecognised-value', line: `${SCHEME} is ${shown(scheme)}` };
  if (internal === undefined || internal === 'true')
    return { state: 'internal', line: `${SCHEME} is absent, and the default is internal` };
  if (internal === 'false') return { state: 'exposed', line: `${INTERNAL}: false` };
  return { state: 'unknown', reason: 'unrecognised-value', line: `${INTERNAL} is ${shown(internal)}` };
}

function shown(value: string | undefined): string {
  return value === undefined ? 'absent' : JSON.stringify(value);
}

function textOf(field: Field<string>): string {
  return field.state === 'given' ? field.value : field.state === 'malformed' ? field.raw : 'absent';
}

/** Classic and application load balancers are `[internal-]NAME-NUMBER.REGION.elb.amazonaws.com`; names of network load balancers do not tell. */
const NUMBERED = /^(internal-)?[a-z0-9-]+-\d+\.[a-z0-9-]+\.elb\.amazonaws\.com(\.cn)?$/i;

export function isPublicAwsName(hostname: string): boolean {
  const [whole, prefix] = NUMBERED.exec(hostname) ?? [];
  return whole !== undefined && prefix === undefined;
}

export function isInternalAwsName(hostname: string): boolean {
  return (
    NUMBERED.exec(hostname)?.[1] !== undefined ||
    (hostname.startsWith('internal-') && hostname.endsWith('.elb.amazonaws.com'))
  );
}
