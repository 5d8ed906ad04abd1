import type { EksEvidence, EksLaunchTemplate, EksNodeGroup } from '#domain/evidence/eks.ts';
import { shellQuote } from '#domain/shell.ts';
import {
  type Fix,
  fail,
  notApplicable,
  type Proof,
  pass,
  unknown,
  unknownBecause,
  type Verdict,
} from '#domain/verdict.ts';
import { combine } from '../shared/combine.ts';
import { missingField } from './shared/cluster.ts';
import { defineEksControl } from './shared/define-eks-control.ts';
import { exceptionsOf, isComputed } from './shared/no-proxy.ts';

/** User data can hold secrets: the collector keeps only whether it sets a proxy, and what NO_PROXY names. */
export default defineEksControl({
  id: 'eks-node-proxy',
  title: 'Nodes behind a declared proxy carry its settings',
  severity: 'LOW',
  basis: 'seed 001 (S8): worker nodes carry proxy environment variables',
  reference: 'EKS user guide, customizing managed nodes with launch templates',
  remediation:
    'Set HTTP_PROXY, HTTPS_PROXY and NO_PROXY in the user data of the launch template that the finding names.',
  needs: [
    'eks:DescribeCluster',
    'eks:ListNodegroups',
    'eks:DescribeNodegroup',
    'ec2:DescribeLaunchTemplateVersions',
    'ec2:DescribeInstances',
    'ec2:DescribeVpcs',
    'ec2:DescribeRouteTables',
    'ec2:DescribeVpcEndpoints',
  ],
  parameters: { required: { describe: 'true declares that nodes leave by a proxy', default: false } },
  evaluate({ cluster, evidence, parameters }) {
    const { autoMode } = cluster;
    if (!parameters.required) return notApplicable('not-declared', 'no proxy is declared');
    const { nodeGroups, instances } = evidence;
    const verdicts: Verdict[] = [];
    if (nodeGroups.state === 'unavailable') verdicts.push(unknownBecause(nodeGroups));
    else
      for (const group of nodeGroups.value) {
        verdicts.push(group.state === 'unavailable' ? unknownBecause(group) : judgeGroup(group.value, evidence));
      }
    const own =
      instances.state === 'collected' ? instances.value.filter((node) => node.nodeGroup.state !== 'given') : [];
    if (instances.state === 'unavailable') verdicts.push(unknownBecause(instances));
    else if (own.length > 0) {
      const ids = own.map(({ id }) => id).join(', ');
      verdicts.push(unknown('undecidable', `what ${ids} started with is not read`));
    }
    if (autoMode.state === 'malformed') verdicts.push(missingField('computeConfig.enabled', autoMode));
    if (autoMode.state === 'given' && autoMode.value) {
      verdicts.push(unknown('undecidable', 'Auto Mode keeps the settings of its nodes inside the cluster'));
    }
    if (verdicts.length === 0) return notApplicable('no-nodes', 'no instance of the cluster is known');
    return combine(verdicts, 'the launch template of every node group sets a proxy, with what must not go through it');
  },
});

function judgeGroup({ name, launchTemplate }: EksNodeGroup, evidence: EksEvidence): Verdict {
  if (launchTemplate.use === 'none') {
    return unknown('undecidable', `node group ${name} has no launch template of its own, so no user data can be seen`);
  }
  const { id, version, content } = launchTemplate;
  if (content.state === 'unavailable') return unknownBecause(content);
  const { setsProxy } = content.value;
  if (setsProxy.state === 'malformed') return missingField(`user data of ${id}`, setsProxy);
  if (setsProxy.state === 'absent') {
    return unknown('undecidable', `${id} of node group ${name} has no user data; its image may bring the settings`);
  }
  const proof: readonly Proof[] = [
    {
      kind: 'fact',
      line: `node group ${name}: user data of ${id} version ${version} ${setsProxy.value ? 'sets' : 'does not set'} a proxy`,
      field: `${id}.UserData`,
      value: setsProxy.value,
      source: content.source,
    },
  ];
  const fix = proxyFix(id, version, evidence);
  if (!setsProxy.value)
    return fail('proxy-missing', `user data of ${id} does not set a proxy for node group ${name}`, proof, { fix });
  return judgeExceptions(`user data of ${id} of node group ${name}`, content.value.noProxy, evidence, proof, fix);
}

/** A proxy that is asked for the nodes' own network is what breaks most private clusters behind one. */
function judgeExceptions(
  what: string,
  noProxy: EksLaunchTemplate['noProxy'],
  evidence: EksEvidence,
  before: readonly Proof[],
  fix: Fix,
): Verdict {
  if (noProxy.state !== 'given') return missingField(`NO_PROXY in the ${what}`, noProxy);
  if (noProxy.value.length === 0)
    return fail('no-proxy-missing', `${what} sets a proxy and no NO_PROXY`, before, { fix });
  const unread = unreadFor(evidence);
  const missing = exceptionsOf(noProxy.value, evidence).filter(({ covered }) => !covered);
  const entries = missing.map(({ entry }) => entry);
  const proof: readonly Proof[] = [
    {
      kind: 'derived',
      line: `NO_PROXY in the ${what}: ${noProxy.value.join(', ')}${entries.length === 0 ? '' : `; not covered: ${entries.join(', ')}`}`,
      field: 'NO_PROXY',
      value: noProxy.value,
    },
    ...before,
  ];
  if (entries.length > 0) {
    return isComputed(noProxy.value)
      ? unknown(
          'undecidable',
          `NO_PROXY in the ${what} is put together on the node: ${entries.join(', ')} may be missing`,
          proof,
        )
      : fail('no-proxy-incomplete', `NO_PROXY in the ${what} lacks ${entries.join(', ')}`, proof, { fix });
  }
  return unread === undefined ? pass('', proof) : { ...unread, proof: [...unread.proof, ...proof] };
}

/** What has to be in NO_PROXY is known only where the network and the range of the Services were read. */
function unreadFor({ cluster, network: { vpcs } }: EksEvidence): Verdict | undefined {
  if (vpcs.state === 'unavailable') return unknownBecause(vpcs);
  const parts = vpcs.value.flatMap(({ routeTables, endpoints }) => [routeTables, endpoints]);
  const lost = parts.find((part) => part.state === 'unavailable');
  if (lost?.state === 'unavailable') return unknownBecause(lost);
  const services = cluster.state === 'collected' ? cluster.value.serviceCidrs : undefined;
  return services?.state === 'given'
    ? undefined
    : missingField('kubernetesNetworkConfig.serviceIpv4Cidr', services ?? { state: 'absent' });
}

function proxyFix(id: string, version: string, evidence: EksEvidence): Fix {
  const { region } = evidence;
  const entries = exceptionsOf([], evidence).map(({ entry }) => entry);
  return {
    commands: [
      `aws ec2 create-launch-template-version --region ${shellQuote(region)} --launch-template-id ${shellQuote(id)} --source-version ${shellQuote(version)} --launch-template-data '{"UserData":"<base64 of user data that sets HTTP_PROXY, HTTPS_PROXY and NO_PROXY>"}'`,
    ],
    fragments: [
      {
        language: 'cloudformation',
        code: `# ${id}\nType: AWS::EC2::LaunchTemplate\nProperties:\n  LaunchTemplateData:\n    UserData:\n      Fn::Base64: |\n        #!/bin/bash\n        printf "HTTPS_PROXY=<proxy>\\nNO_PROXY=localhost,127.0.0.1,${entries.join(',')}\\n" >> /etc/environment`,
      },
    ],
  };
}
