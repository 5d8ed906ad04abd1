import type { EksEvidence, EksNodeGroup } from '#domain/evidence/eks.ts';
import { shellQuote } from '#domain/shell.ts';
import { fail, notApplicable, type Proof, pass, unknown, unknownBecause, type Verdict } from '#domain/verdict.ts';
import { combine } from '../shared/combine.ts';
import { missingField } from './shared/cluster.ts';
import { cniFix, cniSwitch, withCniSettings } from './shared/cni-settings.ts';
import { eksDefaults } from './shared/defaults.ts';
import { defineEksControl } from './shared/define-eks-control.ts';
import { cloudFormation } from './shared/fix.ts';

const PREFIX_KEY = 'ENABLE_PREFIX_DELEGATION';
/** A prefix holds 16 addresses in place of one. */
const PREFIX_SIZE = 16;

type InstanceType = Extract<EksEvidence['network']['instanceTypes'], { state: 'collected' }>['value'][number];

export default defineEksControl({
  id: 'eks-pod-capacity',
  title: 'Instance types and subnets can hold the nodes, and the pods asked for',
  severity: 'LOW',
  basis: 'seed 001 (S10): the instance type limits the addresses for pods',
  reference: 'EKS user guide, choosing an instance type; amazon-eks-ami, nodeadm eni_max_pods',
  remediation:
    'Take larger instance types, switch prefix delegation on, or use subnets with more free addresses. A new node group takes the place of the old one, which goes only after its pods have moved.',
  needs: [
    'eks:DescribeCluster',
    'eks:ListNodegroups',
    'eks:DescribeNodegroup',
    'eks:ListAddons',
    'eks:DescribeAddon',
    'ec2:DescribeLaunchTemplateVersions',
    'ec2:DescribeInstanceTypes',
    'ec2:DescribeSubnets',
  ],
  defaults: eksDefaults('vpcCni.configuration'),
  parameters: {
    podsPerNode: {
      describe: 'pods that each node must hold; 0: nothing is asked, and only what cannot work is judged',
      default: 0,
      from: 0,
    },
  },
  evaluate({ evidence, parameters }) {
    const { nodeGroups } = evidence;
    if (nodeGroups.state === 'unavailable') return unknownBecause(nodeGroups);
    if (nodeGroups.value.length === 0) return notApplicable('no-node-group', 'the cluster has no managed node group');
    const wanted = parameters.podsPerNode;
    return combine(
      nodeGroups.value.flatMap((group) =>
        group.state === 'unavailable'
          ? [unknownBecause(group)]
          : [judgeTypes(group.value, evidence, wanted), judgeAddresses(group.value, evidence)],
      ),
      wanted === 0
        ? 'every node group has instance types that exist, and addresses for its largest size'
        : `every node group holds ${wanted} pods per node`,
    );
  },
});

/** A type in the launch template replaces the group's own list, which is then not sent. */
function typesOf({ name, launchTemplate, instanceTypes }: EksNodeGroup): readonly string[] | Verdict {
  if (launchTemplate.use === 'template') {
    const { content } = launchTemplate;
    if (content.state === 'unavailable') return unknownBecause(content);
    const { instanceType } = content.value;
    if (instanceType.state === 'malformed') return missingField(`instance type of ${launchTemplate.id}`, instanceType);
    if (instanceType.state === 'given') return [instanceType.value];
  }
  return instanceTypes.state === 'given' && instanceTypes.value.length > 0
    ? instanceTypes.value
    : missingField(`instance types of node group ${name}`, instanceTypes);
}

function judgeTypes(group: EksNodeGroup, evidence: EksEvidence, wanted: number): Verdict {
  const names = typesOf(group);
  if ('status' in names) return names;
  const { instanceTypes } = evidence.network;
  if (instanceTypes.state === 'unavailable') return unknownBecause(instanceTypes);
  const known = names.flatMap((name) => instanceTypes.value.filter((type) => type.name === name));
  const lost = names.filter((name) => !known.some((type) => type.name === name));
  if (lost.length > 0) {
    const line = `node group ${group.name}: EC2 does not know instance type ${lost.join(', ')} in this region`;
    return fail(
      'not-found',
      line,
      [{ kind: 'fact', line, field: 'instanceTypes', value: lost, source: instanceTypes.source }],
      { fix: newGroupFix(group, evidence, { types: '<a type that the region offers>' }) },
    );
  }
  const [first, ...rest] = known;
  if (first === undefined) return unknown('absent-field', `node group ${group.name} names no instance type`);
  const smallest = rest.reduce((least, type) => (podsOf(type, 1) < podsOf(least, 1) ? type : least), first);
  return judgeSmallest(group, smallest, evidence, wanted);
}

/** The CNI setting is asked only where it matters: a type that is large enough without prefixes is so with them. */
function judgeSmallest(group: EksNodeGroup, type: InstanceType, evidence: EksEvidence, wanted: number): Verdict {
  const { name } = group;
  const plain = podsOf(type, 1);
  const proof = podProof(name, type, plain, 1);
  if (plain >= wanted) return pass('', [proof]);
  return withCniSettings(evidence, (text, setting) => {
    const prefixes = cniSwitch(text, PREFIX_KEY);
    if (prefixes === undefined) {
      return unknown('unrecognised-value', `${PREFIX_KEY} of vpc-cni is neither true nor false`, [proof, setting]);
    }
    const pods = prefixes ? podsOf(type, PREFIX_SIZE) : plain;
    const lines = [podProof(name, type, pods, prefixes ? PREFIX_SIZE : 1), setting];
    if (pods >= wanted) return pass('', lines);
    return fail('too-few-pods', `node group ${name}: ${type.name} holds ${pods} pods, ${wanted} are asked for`, lines, {
      fix: prefixes ? newGroupFix(group, evidence, { types: '<a larger type>' }) : prefixFix(evidence),
    });
  });
}

/** Source: amazon-eks-ami, `eni_max_pods.go`: one address per interface is its own, and two pods use the host's network. */
function podsOf({ interfaces, addressesPerInterface }: InstanceType, perSlot: number): number {
  return interfaces * (addressesPerInterface - 1) * perSlot + 2;
}

function podProof(group: string, type: InstanceType, pods: number, perSlot: number): Proof {
  const times = perSlot === 1 ? '' : ` × ${perSlot}`;
  return {
    kind: 'derived',
    line: `node group ${group}: ${type.name} holds ${type.interfaces} × (${type.addressesPerInterface} − 1)${times} + 2 = ${pods} pods`,
    field: type.name,
    value: pods,
  };
}

/** Counts IPv4 only; stopped instances hold theirs. */
function judgeAddresses(group: EksNodeGroup, evidence: EksEvidence): Verdict {
  const { name, subnetIds, maxSize } = group;
  const { subnets } = evidence.network;
  if (subnetIds.state !== 'given') return missingField(`subnets of node group ${name}`, subnetIds);
  if (maxSize.state !== 'given') return missingField(`maximum size of node group ${name}`, maxSize);
  if (subnets.state === 'unavailable') return unknownBecause(subnets);
  const found = subnets.value.filter(({ id }) => subnetIds.value.includes(id));
  const silent = found.find(({ freeAddresses }) => freeAddresses.state !== 'given');
  if (silent !== undefined) return missingField(`free addresses of ${silent.id}`, silent.freeAddresses);
  const free = found.reduce(
    (sum, { freeAddresses }) => sum + (freeAddresses.state === 'given' ? freeAddresses.value : 0),
    0,
  );
  const line = `node group ${name}: ${free} free addresses in ${subnetIds.value.join(', ')} for up to ${maxSize.value} nodes`;
  const proof: readonly Proof[] = [
    { kind: 'derived', line, field: `${name}.freeAddresses`, value: free, source: subnets.source },
  ];
  if (found.length === 0) {
    const fix = newGroupFix(group, evidence, { subnets: ['<subnets that exist>'] });
    return fail('not-found', `node group ${name}: ${subnetIds.value.join(', ')} is gone`, proof, { fix });
  }
  if (free >= maxSize.value) return pass('', proof);
  const fix = newGroupFix(group, evidence, { subnets: [...found.map(({ id }) => id), '<a further subnet>'] });
  return fail('too-few-addresses', line, proof, { fix });
}

/** Types and subnets of a node group are fixed: another group takes its place, and the first one stays until its pods have moved. */
function newGroupFix(
  { name, subnetIds }: EksNodeGroup,
  { region, name: cluster }: EksEvidence,
  change: { readonly types?: string; readonly subnets?: readonly string[] },
) {
  const subnets = change.subnets ?? (subnetIds.state === 'given' ? subnetIds.value : []);
  const place = `--region ${shellQuote(region)} --cluster-name ${shellQuote(cluster)}`;
  const types = change.types === undefined ? '' : ` --instance-types ${shellQuote(change.types)}`;
  const properties = change.types === undefined ? '' : `\n  InstanceTypes: ["${change.types}"]`;
  return {
    checkFirst: [`Have the pods of ${name} moved to the new group? Only then can ${name} go.`],
    ...cloudFormation(
      [
        `aws eks create-nodegroup ${place} --nodegroup-name ${shellQuote(`${name}-2`)} --subnets ${subnets.map(shellQuote).join(' ')}${types} --node-role '<the role of ${shellQuote(name)}>'`,
      ],
      `# in place of ${name}\nType: AWS::EKS::Nodegroup\nProperties:\n  ClusterName: ${cluster}\n  Subnets: [${subnets.join(', ')}]${properties}`,
    ),
  };
}

function prefixFix(evidence: EksEvidence) {
  return cniFix(evidence, { env: { [PREFIX_KEY]: 'true' } });
}
