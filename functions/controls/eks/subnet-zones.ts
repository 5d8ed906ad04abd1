import { shellQuote } from '#domain/shell.ts';
import { fail, type Proof, pass, unknown } from '#domain/verdict.ts';
import { withClusterSubnets } from './shared/cluster-subnets.ts';
import { defineEksControl } from './shared/define-eks-control.ts';
import { clusterFix } from './shared/fix.ts';

/** By zone id: names of zones are shuffled from account to account, which matters with shared subnets. */
export default defineEksControl({
  id: 'eks-subnet-zones',
  title: 'Cluster subnets span two or more zones',
  severity: 'MEDIUM',
  basis: 'seed 001 (S2): subnets in two or more zones',
  reference: 'EKS user guide, VPC and subnet requirements',
  remediation: 'Add a subnet of another zone to the cluster.',
  needs: ['eks:DescribeCluster', 'ec2:DescribeSubnets'],
  evaluate(subject) {
    const { evidence } = subject;
    return withClusterSubnets(evidence, subject, (found, gone) => {
      const proof: readonly Proof[] = [
        ...found.map(({ id, zoneId }): Proof => {
          const zone = zoneId.state === 'given' ? zoneId.value : 'not told';
          return { kind: 'fact', line: `${id} is in zone ${zone}`, field: `${id}.AvailabilityZoneId`, value: zone };
        }),
        ...gone.map((id): Proof => ({ kind: 'fact', line: `${id} is gone`, field: id, value: 'not-found' })),
      ];
      const zones = new Set(found.flatMap(({ zoneId }) => (zoneId.state === 'given' ? [zoneId.value] : [])));
      if (zones.size >= 2) return pass(`cluster subnets span ${[...zones].sort().join(', ')}`, proof);
      const broken = found.find(({ zoneId }) => zoneId.state === 'malformed');
      if (broken !== undefined) return unknown('malformed-answer', `the zone of ${broken.id} cannot be read`, proof);
      const silent = found.find(({ zoneId }) => zoneId.state === 'absent');
      if (silent !== undefined) return unknown('absent-field', `the zone of ${silent.id} is not reported`, proof);
      const where = zones.size === 0 ? 'in no zone' : `in ${[...zones].join('')} only`;
      const lost =
        gone.length === 0
          ? ''
          : `; ${gone.join(', ')} of the cluster's subnets ${gone.length === 1 ? 'is' : 'are'} gone`;
      return fail(gone.length === 0 ? 'one-zone' : 'not-found', `cluster subnets are ${where}${lost}`, proof, {
        fix: clusterFix(
          evidence,
          `--resources-vpc-config subnetIds=${[...found.map(({ id }) => shellQuote(id)), `'<a subnet of another zone>'`].join(',')}`,
          `ResourcesVpcConfig:\n  SubnetIds: [${[...found.map(({ id }) => id), '<a subnet of another zone>'].join(', ')}]`,
        ),
      });
    });
  },
});
