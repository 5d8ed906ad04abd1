import type { Unavailable } from '#domain/collected.ts';
import type { EksEvidence } from '#domain/evidence/eks.ts';
import type { ReadCluster } from './cluster.ts';

/** Services with the feature that calls them, in words. */
type Uses = Map<string, string>;

export interface ServicesUsed {
  /** Called by what is visible. */
  readonly needed: ReadonlyMap<string, string>;
  /** Called only with settings that are inside the cluster. */
  readonly possible: ReadonlyMap<string, string>;
  readonly incomplete: Unavailable | undefined;
}

/** Services that an add-on's pods call from the nodes, beside the required ones. Source: EKS user guide, add-on pages (November 2026). */
const BY_ADDON: Readonly<Record<string, readonly string[]>> = {
  'eks-pod-identity-agent': ['eks-auth'],
  'amazon-cloudwatch-observability': ['logs', 'monitoring'],
  'aws-efs-csi-driver': ['elasticfilesystem'],
  'aws-guardduty-agent': ['guardduty-data'],
};

/** The service accounts of well-known controllers, as their own documentation names them (November 2026). */
const BY_ACCOUNT: Readonly<Record<string, readonly string[]>> = {
  'cluster-autoscaler': ['autoscaling'],
  'aws-load-balancer-controller': ['elasticloadbalancing'],
  'cloudwatch-agent': ['logs', 'monitoring'],
  'efs-csi-controller-sa': ['elasticfilesystem'],
  karpenter: ['ssm'],
};

/** SSM for the images; the queue only where interruptions are handled, EKS only where the cluster's endpoint is not set. IAM and prices have no endpoint. Source: Karpenter, private clusters. */
const KARPENTER = { needed: ['ssm'], possible: ['sqs', 'eks'] } as const;

/** What workloads call beyond this is not visible from here: the parameter names it. */
export function servicesUsed(
  evidence: EksEvidence,
  { cluster }: ReadCluster,
  configured: readonly string[],
): ServicesUsed {
  const needed: Uses = new Map(configured.map((service) => [service, 'the configuration']));
  const possible: Uses = new Map();
  const missing: Unavailable[] = [];
  byFargate(evidence, needed, missing);
  byPodIdentity(evidence, needed, missing);
  byAddons(evidence, needed, possible, missing);
  const auto = cluster.autoMode.state === 'given' && cluster.autoMode.value;
  // Auto Mode runs Karpenter and the CNI outside the cluster's network.
  if (!auto) byInstances(evidence, needed, possible, missing);
  return { needed, possible, incomplete: missing[0] };
}

function add(uses: Uses, services: readonly string[], by: string): void {
  for (const service of services) if (!uses.has(service)) uses.set(service, by);
}

function byFargate({ fargateProfiles }: EksEvidence, needed: Uses, missing: Unavailable[]): void {
  if (fargateProfiles.state === 'unavailable') missing.push(fargateProfiles);
  else if (fargateProfiles.value.length > 0) add(needed, ['sts'], 'Fargate');
}

function byPodIdentity({ podIdentityAssociations }: EksEvidence, needed: Uses, missing: Unavailable[]): void {
  if (podIdentityAssociations.state === 'unavailable') {
    missing.push(podIdentityAssociations);
    return;
  }
  const { value } = podIdentityAssociations;
  if (value.length > 0) add(needed, ['eks-auth'], `${value.length} Pod Identity associations`);
  for (const { namespace, serviceAccount } of value)
    add(needed, BY_ACCOUNT[serviceAccount] ?? [], `the service account ${namespace}/${serviceAccount}`);
}

function byAddons(
  { addons, addonDescriptions, vpcCni }: EksEvidence,
  needed: Uses,
  possible: Uses,
  missing: Unavailable[],
): void {
  if (addons.state === 'unavailable') {
    missing.push(addons);
    return;
  }
  for (const name of addons.value) add(needed, BY_ADDON[name] ?? [], `the add-on ${name}`);
  for (const { name, description } of addonDescriptions) {
    if (description.state === 'unavailable') {
      missing.push(description);
      continue;
    }
    const { roleArn, podIdentities } = description.value;
    if (roleArn.state === 'given' && roleArn.value !== '') add(needed, ['sts'], `the role of the add-on ${name}`);
    if (podIdentities.length > 0) add(needed, ['eks-auth'], `Pod Identity of the add-on ${name}`);
  }
  if (vpcCni.state === 'not-installed')
    add(possible, ['sts'], 'a CNI that is not a managed add-on, where it takes its role by its service account');
}

function byInstances(
  { instances, podIdentityAssociations }: EksEvidence,
  needed: Uses,
  possible: Uses,
  missing: Unavailable[],
): void {
  if (instances.state === 'unavailable') {
    missing.push(instances);
    return;
  }
  const pool = instances.value.flatMap(({ nodePool }) => (nodePool.state === 'given' ? [nodePool.value] : []))[0];
  if (pool === undefined) return;
  const by = `Karpenter (node pool ${pool})`;
  add(needed, KARPENTER.needed, by);
  add(possible, KARPENTER.possible, by);
  const associated =
    podIdentityAssociations.state === 'collected' &&
    podIdentityAssociations.value.some(({ serviceAccount }) => serviceAccount === 'karpenter');
  if (!associated) add(needed, ['sts'], by);
}
