import type { EksEvidence } from '#domain/evidence/eks.ts';
import type { EksSubnet } from '#domain/evidence/eks-network.ts';
import { shellQuote } from '#domain/shell.ts';
import { type Fix, fail, notApplicable, type Proof, pass, unknown, unknownBecause } from '#domain/verdict.ts';
import { eksDefaults } from './shared/defaults.ts';
import { defineEksControl } from './shared/define-eks-control.ts';
import { subnetEgress } from './shared/egress.ts';
import { cloudFormation, clusterFix, ec2Command } from './shared/fix.ts';
import { NODE_PATH_NEEDS } from './shared/needs.ts';
import { nodeAndClusterSubnets } from './shared/node-subnets.ts';
import type { SubnetEgress } from './shared/paths.ts';

const INTERNAL = 'kubernetes.io/role/internal-elb';
const PUBLIC = 'kubernetes.io/role/elb';

export default defineEksControl({
  id: 'eks-subnet-tags',
  title: 'Private subnets carry the internal load balancer tag',
  severity: 'LOW',
  basis: 'seed 001 (S5): tags on the private subnets',
  reference: 'EKS user guide, VPC and subnet requirements; AWS Load Balancer Controller, subnet auto-discovery',
  remediation: `Tag a private subnet in each of two zones with ${INTERNAL} = 1. Not needed where Services name their subnets.`,
  needs: NODE_PATH_NEEDS,
  defaults: eksDefaults('network.subnets.blockMode'),
  evaluate(subject) {
    const { evidence } = subject;
    const nodes = nodeAndClusterSubnets(evidence, subject);
    const paths = nodes.subnets.map((subnet) => subnetEgress(subnet, evidence.network));
    const inner = paths.filter((path) => !isPublic(path));
    // The tag may be on a subnet whose route table is not known: then it is not known either whether it is a private one.
    const certain = inner.filter(({ egress }) => egress.kind !== 'undecided');
    const tagged = (among: readonly SubnetEgress[]) =>
      new Set(
        among.flatMap(({ subnet }) =>
          isTagged(subnet, INTERNAL) && subnet.zoneId.state === 'given' ? [subnet.zoneId.value] : [],
        ),
      );
    const proof = inner.map(({ subnet }) => tagProof(subnet));
    if (tagged(certain).size >= 2) {
      return pass(`private subnets in ${[...tagged(certain)].sort().join(', ')} carry ${INTERNAL}`, proof);
    }
    const unseen = nodes.incomplete ?? nodes.autoMode;
    if (unseen !== undefined) return unknownBecause(unseen, proof);
    const open = inner.find(({ egress }) => egress.kind === 'undecided');
    if (open?.egress.kind === 'undecided') {
      return unknown(open.egress.reason, `${open.subnet.id}: ${open.egress.message}`, proof);
    }
    const silent = inner.find(({ subnet }) => subnet.zoneId.state !== 'given');
    if (silent !== undefined) return unknown('absent-field', `the zone of ${silent.subnet.id} is not reported`, proof);
    if (inner.length === 0) {
      return notApplicable(
        'no-private-subnet',
        'every subnet has a route to an internet gateway',
        paths.map(({ subnet }) => tagProof(subnet)),
      );
    }
    const untagged = inner.filter(({ subnet }) => !isTagged(subnet, INTERNAL)).map(({ subnet }) => subnet);
    const missing = untagged.map(({ id }) => id);
    return fail(
      'missing',
      missing.length === 0
        ? `tagged private subnets are in one zone only: ${[...tagged(certain)].join(', ')}`
        : `no ${INTERNAL} = 1 or empty on ${untagged.map(without).join(', ')}`,
      proof,
      { fix: fixOf(missing, evidence) },
    );
  },
});

/** With every private subnet tagged, one of another zone is missing. */
function fixOf(missing: readonly string[], evidence: EksEvidence): Fix {
  const tags = `Tags:\n    - Key: ${INTERNAL}\n      Value: "1"`;
  return missing.length === 0
    ? clusterFix(
        evidence,
        `--resources-vpc-config subnetIds=${[...clusterSubnets(evidence).map(shellQuote), `'<a private subnet of another zone>'`].join(',')}`,
        `ResourcesVpcConfig:\n  SubnetIds: [${[...clusterSubnets(evidence), '<a private subnet of another zone>'].join(', ')}]`,
      )
    : cloudFormation(
        [
          ec2Command(
            evidence,
            `create-tags --resources ${missing.map(shellQuote).join(' ')} --tags Key=${INTERNAL},Value=1`,
          ),
        ],
        ...missing.map((id) => `# ${id}\nType: AWS::EC2::Subnet\nProperties:\n  ${tags}`),
      );
}

function clusterSubnets({ cluster }: EksEvidence): readonly string[] {
  return cluster.state === 'collected' && cluster.value.subnetIds.state === 'given'
    ? cluster.value.subnetIds.value
    : [];
}

function isPublic({ egress }: SubnetEgress): boolean {
  return egress.kind === 'open' && egress.via === 'internet-gateway';
}

/** The load balancer controller takes `1` or an empty value. Source: its documentation, subnet auto-discovery. */
function isTagged({ tags }: EksSubnet, name: string): boolean {
  return tags.some(({ key, value }) => key === name && (value === '1' || value === ''));
}

/** `lacks the tag`, or the value that it has. */
function without(subnet: EksSubnet): string {
  const value = subnet.tags.find(({ key }) => key === INTERNAL)?.value;
  return value === undefined ? subnet.id : `${subnet.id} (its value is ${JSON.stringify(value)})`;
}

function tagProof(subnet: EksSubnet): Proof {
  const wrong = isTagged(subnet, PUBLIC) ? `, but carries ${PUBLIC}, the tag of public ones` : '';
  const on = isTagged(subnet, INTERNAL);
  const zone = subnet.zoneId.state === 'given' ? subnet.zoneId.value : 'a zone that is not reported';
  return {
    kind: 'fact',
    line: `${on ? subnet.id : without(subnet)} in ${zone} ${on ? 'carries' : 'lacks'} ${INTERNAL} = 1 or empty${wrong}`,
    field: `${subnet.id}.Tags`,
    value: on,
  };
}
