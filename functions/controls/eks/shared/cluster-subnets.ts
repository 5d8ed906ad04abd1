import type { EksEvidence } from '#domain/evidence/eks.ts';
import type { EksSubnet } from '#domain/evidence/eks-network.ts';
import { unknown, unknownBecause, type Verdict } from '#domain/verdict.ts';
import { missingField, type ReadCluster } from './cluster.ts';

/** The subnets that the cluster itself names: where the control plane's interfaces are. `gone`: EC2 positively does not know them any more. */
export function withClusterSubnets(
  { network: { subnets } }: EksEvidence,
  subject: ReadCluster,
  judge: (found: readonly EksSubnet[], gone: readonly string[]) => Verdict,
): Verdict {
  const { subnetIds } = subject.cluster;
  if (subnetIds.state !== 'given') return missingField('resourcesVpcConfig.subnetIds', subnetIds);
  if (subnetIds.value.length === 0) return unknown('absent-field', 'the cluster names no subnets');
  if (subnets.state === 'unavailable') return unknownBecause(subnets);
  const found = subnets.value.filter(({ id }) => subnetIds.value.includes(id));
  return judge(
    found,
    subnetIds.value.filter((id) => !found.some((subnet) => subnet.id === id)),
  );
}
