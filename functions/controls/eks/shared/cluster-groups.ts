import { unknown, type Verdict } from '#domain/verdict.ts';
import { missingField, type ReadCluster } from './cluster.ts';

export interface ClusterGroups {
  /** The cluster's own group first, then the additional ones. */
  readonly known: readonly string[];
  /** Why there may be groups that are not known: a PASS is out of reach. */
  readonly open: readonly Verdict[];
}

/** Groups of the control plane's interfaces. Old clusters have no group of their own: the additional ones decide alone. */
export function clusterGroupIds({
  cluster: { clusterSecurityGroupId: own, securityGroupIds: additional },
}: ReadCluster): ClusterGroups | Verdict {
  const open: Verdict[] = [];
  if (own.state === 'malformed') open.push(missingField('resourcesVpcConfig.clusterSecurityGroupId', own));
  if (additional.state === 'malformed') open.push(missingField('resourcesVpcConfig.securityGroupIds', additional));
  const known = [
    ...new Set([
      ...(own.state === 'given' && own.value !== '' ? [own.value] : []),
      ...(additional.state === 'given' ? additional.value : []),
    ]),
  ];
  if (known.length > 0) return { known, open };
  return open[0] ?? unknown('absent-field', 'the answer holds no security group of the cluster');
}
