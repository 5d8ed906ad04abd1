import { covers, parseRange } from '#domain/net/cidr.ts';
import { shellQuote } from '#domain/shell.ts';
import { fail, notApplicable, type Proof, pass, unknown } from '#domain/verdict.ts';
import { defineEksControl } from './shared/define-eks-control.ts';
import { admits443 } from './shared/endpoint-port.ts';
import { ec2Command } from './shared/fix.ts';
import { idsOf, rangesOf, withClusterGroups, withRules } from './shared/group-rules.ts';

export default defineEksControl({
  id: 'eks-connected-networks',
  title: 'Each declared on-premises range reaches the API on 443',
  severity: 'LOW',
  basis: 'seed 001 (S9): the security group lets on-premises traffic in',
  reference: 'EKS user guide, cluster API server endpoint: access from a connected network',
  remediation: 'Admit port 443 from the range that the finding names.',
  needs: ['eks:DescribeCluster', 'ec2:DescribeSecurityGroups', 'ec2:GetManagedPrefixListEntries'],
  parameters: {
    ranges: { describe: 'on-premises ranges; empty means that there are none', default: [], each: 'range' },
  },
  evaluate(subject) {
    const { evidence, parameters } = subject;
    const wanted = parameters.ranges;
    if (wanted.length === 0) return notApplicable('not-declared', 'no connected network is declared');
    return withClusterGroups(subject, (groups) =>
      withRules(evidence, groups, (found, gone) => {
        const rules = found.flatMap(({ ingress }) => ingress.filter(admits443));
        const read = rules.map((rule) => rangesOf(rule, evidence));
        const admitted = read.flatMap(({ ranges }) => ranges.map(({ cidr }) => cidr));
        const shut = wanted.filter((range) => !covers(admitted, range));
        const proof: readonly Proof[] = [
          {
            kind: 'derived',
            line: `${idsOf(groups).join(', ')} admit 443 from ${admitted.length === 0 ? 'no range' : admitted.join(', ')}`,
            field: 'ingress.443',
            value: admitted,
          },
          { kind: 'declared', line: `ranges: ${wanted.join(', ')}`, field: 'ranges', value: wanted },
          ...groups.proof,
        ];
        if (shut.length === 0) return pass('every declared range reaches the API on 443', proof);
        const wrong = shut.find((range) => parseRange(range) === undefined);
        if (wrong !== undefined)
          return unknown('unrecognised-value', `declared range "${wrong}" is not a range`, proof);
        const unread = read.find((entry) => entry.unread !== undefined)?.unread;
        if (unread !== undefined) return unknown(unread.reason, unread.message, proof);
        if (gone !== undefined) return { ...gone, proof };
        const [group = ''] = idsOf(groups);
        return fail('port-443-closed', `port 443 is closed to ${shut.join(', ')}`, proof, {
          fix: {
            commands: shut.map((range) =>
              ec2Command(
                evidence,
                `authorize-security-group-ingress --group-id ${shellQuote(group)} --ip-permissions 'IpProtocol=tcp,FromPort=443,ToPort=443,${range.includes(':') ? `Ipv6Ranges=[{CidrIpv6=${range}}]` : `IpRanges=[{CidrIp=${range}}]`}'`,
              ),
            ),
            fragments: shut.map((range) => ({
              language: 'cloudformation',
              code: `Type: AWS::EC2::SecurityGroupIngress\nProperties:\n  GroupId: ${group}\n  IpProtocol: tcp\n  FromPort: 443\n  ToPort: 443\n  ${range.includes(':') ? 'CidrIpv6' : 'CidrIp'}: ${range}`,
            })),
          },
        });
      }),
    );
  },
});
