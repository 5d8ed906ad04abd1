import type { EksEvidence } from '#domain/evidence/eks.ts';
import type { SecurityGroup, SecurityRule } from '#domain/evidence/eks-network.ts';
import { isWithinPrivate, parseRange } from '#domain/net/cidr.ts';
import { shellQuote } from '#domain/shell.ts';
import { type Fix, fail, type Proof, pass, unknown, unknownBecause, type Verdict } from '#domain/verdict.ts';
import { combine } from '../shared/combine.ts';
import type { ReadCluster } from './shared/cluster.ts';
import { clusterGroupIds } from './shared/cluster-groups.ts';
import { eksDefaults } from './shared/defaults.ts';
import { defineEksControl } from './shared/define-eks-control.ts';
import { cloudFormation, ec2Command, withGroupsOnly } from './shared/fix.ts';
import { nodeGroupIds } from './shared/node-groups.ts';

export default defineEksControl({
  id: 'eks-security-group-ingress',
  title: 'Security groups of the cluster and its nodes admit no public range',
  severity: 'HIGH',
  dimension: 'inbound exposure',
  basis: 'seed 001: reachable from connected networks only',
  reference: 'EKS user guide, security group requirements; EKS API reference, RemoteAccessConfig',
  remediation:
    'Check which interfaces carry the group and who reaches them from the range. Then revoke the inbound rule that the finding names.',
  needs: [
    'eks:DescribeCluster',
    'eks:ListNodegroups',
    'eks:DescribeNodegroup',
    'ec2:DescribeInstances',
    'ec2:DescribeLaunchTemplateVersions',
    'ec2:DescribeSecurityGroups',
    'ec2:GetManagedPrefixListEntries',
  ],
  defaults: eksDefaults('nodeGroups.remoteAccessGroupId'),
  parameters: {
    acceptRanges: {
      describe: 'public ranges of the organisation that inbound rules may name',
      default: [],
      each: 'range',
    },
  },
  evaluate(subject) {
    const { evidence, parameters } = subject;
    const ids = clusterGroupIds(subject);
    if ('status' in ids) return ids;
    const { securityGroups } = evidence.network;
    if (securityGroups.state === 'unavailable') return unknownBecause(securityGroups);
    const nodes = nodeGroupIds(evidence, ids.known);
    const find = (id: string) => securityGroups.value.find((entry) => entry.id === id);
    const known = [...ids.known, ...nodes.owners.keys()];
    return combine(
      [
        ...ids.known.map((id) => {
          const group = find(id);
          return group === undefined
            ? goneGroup(id, subject, evidence)
            : judgeGroup(group, '', evidence, parameters.acceptRanges);
        }),
        ...[...nodes.owners].map(([id, owner]) => {
          const group = find(id);
          if (group === undefined && nodes.remoteAccess.has(id))
            return pass('', [
              {
                kind: 'fact',
                line: `${id}, the group for ${owner}, does not exist in the VPC`,
                field: id,
                value: null,
              },
            ]);
          return group === undefined
            ? unknown('not-found', `${id} of ${owner} is not among the security groups that were read`)
            : judgeGroup(group, ` (${owner})`, evidence, parameters.acceptRanges);
        }),
        ...ids.open,
        ...nodes.open,
      ],
      `${known.join(', ')} admit no public range`,
    );
  },
});

function goneGroup(id: string, subject: ReadCluster, evidence: EksEvidence): Verdict {
  const proof: readonly Proof[] = [
    { kind: 'fact', line: `${id} is not among the security groups`, field: id, value: null },
  ];
  return fail('not-found', `${id}, which the cluster names, does not exist`, proof, {
    fix: withGroupsOnly(
      additionalOf(subject).filter((other) => other !== id),
      evidence,
    ),
  });
}

/** `owner` says whose group it is, where it is not the cluster's own. */
function judgeGroup(group: SecurityGroup, owner: string, evidence: EksEvidence, accepted: readonly string[]): Verdict {
  const sources = group.ingress.flatMap((rule) => sourcesOf(rule, evidence));
  const checks = sources.map(({ rule, range, via, missing }): Verdict => {
    if (missing !== undefined) return unknown(missing.reason, `${group.id}: ${missing.message}`);
    const line = `${group.id} ← ${range}${via === undefined ? '' : ` (${via})`} on ${portsOf(rule)}`;
    const proof: readonly Proof[] = [{ kind: 'fact', line, field: group.id, value: range, hops: [group.id, range] }];
    if (parseRange(range) === undefined) return unknown('malformed-answer', `${group.id} admits "${range}"`, proof);
    if (isWithinPrivate(range, accepted)) return pass(`${range} is not a public range`, proof);
    return fail(
      'public-range',
      `${group.id}${owner} admits ${range}${via === undefined ? '' : ` by ${via}`} on ${portsOf(rule)}`,
      proof,
      { fix: checkFirst(group.id, rule, via ?? range, evidence) },
    );
  });
  const none: Proof = {
    kind: 'fact',
    line: `${group.id} admits no address range from outside`,
    field: group.id,
    value: [],
  };
  return checks.length === 0 ? pass(none.line, [none]) : combine(checks, `${group.id} admits no public range`);
}

interface RuleSource {
  readonly rule: SecurityRule;
  readonly range: string;
  /** The prefix list that brings the range. */
  readonly via?: string;
  readonly missing?: { readonly reason: Parameters<typeof unknown>[0]; readonly message: string };
}

/** Ranges of a rule, those of its prefix lists included; group references are inside the network. */
function sourcesOf(rule: SecurityRule, { network: { prefixLists } }: EksEvidence): readonly RuleSource[] {
  const listed = rule.prefixListIds.flatMap((id): readonly RuleSource[] => {
    if (prefixLists.state === 'unavailable') return [{ rule, range: id, missing: prefixLists }];
    const list = prefixLists.value.find((entry) => entry.id === id);
    if (list === undefined)
      return [{ rule, range: id, missing: { reason: 'not-found', message: `the entries of ${id} are not known` } }];
    return list.cidrs.map((range) => ({ rule, range, via: id }));
  });
  return [...rule.ranges.map((range) => ({ rule, range })), ...listed];
}

function portsOf({ protocol, fromPort, toPort }: SecurityRule): string {
  if (protocol === '-1') return 'every port';
  if (fromPort.state !== 'given' || toPort.state !== 'given') return `protocol ${protocol}`;
  return `${protocol} ${fromPort.value === toPort.value ? fromPort.value : `${fromPort.value}-${toPort.value}`}`;
}

function additionalOf({ cluster: { securityGroupIds } }: ReadCluster): readonly string[] {
  return securityGroupIds.state === 'given' ? securityGroupIds.value : [];
}

/** Who else relies on a rule only its owner knows, so the command that takes it away is not printed. */
function checkFirst(groupId: string, rule: SecurityRule, source: string, evidence: EksEvidence): Fix {
  const { protocol, fromPort, toPort } = rule;
  const given = fromPort.state === 'given' && toPort.state === 'given';
  const property = source.startsWith('pl-') ? 'SourcePrefixListId' : source.includes(':') ? 'CidrIpv6' : 'CidrIp';
  const fix = cloudFormation(
    [
      ec2Command(
        evidence,
        `describe-network-interfaces --filters ${shellQuote(`Name=group-id,Values=${groupId}`)} --query 'NetworkInterfaces[].[NetworkInterfaceId,Description]'`,
      ),
      ec2Command(
        evidence,
        `describe-security-group-rules --filters ${shellQuote(`Name=group-id,Values=${groupId}`)} --query 'SecurityGroupRules[?!IsEgress]'`,
      ),
    ],
    `# the rule that no interface of ${groupId} should need\nType: AWS::EC2::SecurityGroupIngress\nProperties:\n  GroupId: ${groupId}\n  IpProtocol: "${protocol}"${given ? `\n  FromPort: ${fromPort.value}\n  ToPort: ${toPort.value}` : ''}\n  ${property}: ${source}`,
  );
  return {
    checkFirst: [
      `Which interfaces carry ${groupId}, and who reaches them from ${source}? Revoke the rule once nothing needs it.`,
    ],
    ...fix,
  };
}
