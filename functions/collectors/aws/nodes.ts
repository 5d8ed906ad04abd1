import { DescribeLaunchTemplateVersionsCommand } from '@aws-sdk/client-ec2';
import {
  DescribeFargateProfileCommand,
  DescribeNodegroupCommand,
  ListFargateProfilesCommand,
  ListNodegroupsCommand,
  type Nodegroup,
} from '@aws-sdk/client-eks';
import { ListAttachedRolePoliciesCommand } from '@aws-sdk/client-iam';
import * as v from 'valibot';
import { type Collected, collected, type Field, fieldOf, unavailable } from '#domain/collected.ts';
import type { EksEvidence, EksLaunchTemplate, EksNodeGroup } from '#domain/evidence/eks.ts';
import { mapConcurrently } from '#domain/map-concurrently.ts';
import { isNotFound } from './errors.ts';
import { healthOf } from './health.ts';
import { everyPage, type Reading } from './read.ts';
import type { RegionClients } from './session.ts';
import { proxyIn } from './user-data.ts';

const strings = v.array(v.string());
const AT_ONCE = 5;

type Part<K extends keyof EksEvidence> = EksEvidence[K];

export async function readNodeGroups(
  name: string,
  arn: string,
  clients: RegionClients,
  reading: Reading,
): Promise<Part<'nodeGroups'>> {
  const listed = await reading.part(
    'eks:ListNodegroups',
    (abortSignal) =>
      everyPage(async (nextToken) => {
        const answer = await clients.eks.send(
          new ListNodegroupsCommand({ clusterName: name, ...(nextToken === undefined ? {} : { nextToken }) }),
          { abortSignal },
        );
        return { items: answer.nodegroups, token: answer.nextToken };
      }),
    { resource: arn },
  );
  if (listed.state === 'unavailable') return listed;
  const groups = await mapConcurrently(listed.value, AT_ONCE, (group) =>
    readNodeGroup(name, group, arn, clients, reading),
  );
  return collected(
    groups.filter((group) => group !== undefined),
    listed.source,
  );
}

/** Undefined: the group vanished between the list and this call. */
async function readNodeGroup(
  clusterName: string,
  nodegroupName: string,
  arn: string,
  clients: RegionClients,
  reading: Reading,
): Promise<Collected<EksNodeGroup> | undefined> {
  const described = await reading.part<Nodegroup | 'gone'>(
    'eks:DescribeNodegroup',
    async (abortSignal) => {
      const { nodegroup } = await clients.eks.send(new DescribeNodegroupCommand({ clusterName, nodegroupName }), {
        abortSignal,
      });
      if (nodegroup === undefined) throw new SyntaxError('the answer holds no node group');
      return nodegroup;
    },
    { resource: arn, expected: (error) => (isNotFound(error) ? 'gone' : undefined) },
  );
  if (described.state === 'unavailable') return described;
  if (described.value === 'gone') return undefined;
  const group = described.value;
  return collected<EksNodeGroup>(
    {
      name: nodegroupName,
      status: fieldOf(v.string(), group.status),
      subnetIds: fieldOf(strings, group.subnets),
      instanceTypes: fieldOf(strings, group.instanceTypes),
      maxSize: fieldOf(v.number(), group.scalingConfig?.maxSize),
      health: healthOf(group.health?.issues),
      remoteAccess: fieldOf(
        strings,
        group.remoteAccess === undefined ? undefined : (group.remoteAccess.sourceSecurityGroups ?? []),
      ),
      remoteAccessGroupId: fieldOf(v.string(), group.resources?.remoteAccessSecurityGroup),
      launchTemplate: await readTemplate(group, arn, clients, reading),
    },
    described.source,
  );
}

async function readTemplate(
  { launchTemplate }: Nodegroup,
  arn: string,
  { ec2 }: RegionClients,
  reading: Reading,
): Promise<EksNodeGroup['launchTemplate']> {
  if (launchTemplate === undefined) return { use: 'none' };
  const id = launchTemplate.id ?? launchTemplate.name;
  const version = launchTemplate.version ?? '$Default';
  if (id === undefined) {
    const content = unavailable(
      'absent-field',
      'the launch template is named neither by id nor by name',
      'eks:DescribeNodegroup',
    );
    return { use: 'template', id: 'a template without a name', version, content };
  }
  const read = () =>
    reading.part(
      'ec2:DescribeLaunchTemplateVersions',
      async (abortSignal): Promise<EksLaunchTemplate> => {
        const named = launchTemplate.id === undefined ? { LaunchTemplateName: id } : { LaunchTemplateId: id };
        const answer = await ec2.send(new DescribeLaunchTemplateVersionsCommand({ ...named, Versions: [version] }), {
          abortSignal,
        });
        const data = answer.LaunchTemplateVersions?.[0]?.LaunchTemplateData;
        if (data === undefined) throw new SyntaxError('the answer holds no template');
        const [first] = data.NetworkInterfaces ?? [];
        return {
          associatePublicAddress: fieldOf(v.boolean(), first?.AssociatePublicIpAddress),
          instanceType: fieldOf(v.string(), data.InstanceType),
          securityGroupIds: [...(data.SecurityGroupIds ?? []), ...(first?.Groups ?? [])],
          ...proxyIn(data.UserData),
        };
      },
      { resource: arn },
    );
  const content = await reading.once(`template ${id} ${version}`, read);
  return { use: 'template', id, version, content };
}

interface FargateProfile {
  readonly name: string;
  readonly subnetIds: Field<string[]>;
}

export async function readFargate(
  clusterName: string,
  arn: string,
  { eks }: RegionClients,
  reading: Reading,
): Promise<Part<'fargateProfiles'>> {
  const listed = await reading.part(
    'eks:ListFargateProfiles',
    (abortSignal) =>
      everyPage(async (nextToken) => {
        const answer = await eks.send(
          new ListFargateProfilesCommand({ clusterName, ...(nextToken === undefined ? {} : { nextToken }) }),
          { abortSignal },
        );
        return { items: answer.fargateProfileNames, token: answer.nextToken };
      }),
    { resource: arn },
  );
  if (listed.state === 'unavailable') return listed;
  const profiles = await mapConcurrently(listed.value, AT_ONCE, async (fargateProfileName) => {
    const part = await reading.part<FargateProfile | 'gone'>(
      'eks:DescribeFargateProfile',
      async (abortSignal) => {
        const { fargateProfile } = await eks.send(
          new DescribeFargateProfileCommand({ clusterName, fargateProfileName }),
          { abortSignal },
        );
        if (fargateProfile === undefined) throw new SyntaxError('the answer holds no profile');
        return { name: fargateProfileName, subnetIds: fieldOf(strings, fargateProfile.subnets) };
      },
      { resource: arn, expected: (error) => (isNotFound(error) ? 'gone' : undefined) },
    );
    if (part.state === 'unavailable') return part;
    return part.value === 'gone' ? undefined : collected(part.value, part.source);
  });
  return collected(
    profiles.filter((profile) => profile !== undefined),
    listed.source,
  );
}

export function readRolePolicies(
  roleArn: string,
  arn: string,
  { iam }: RegionClients,
  reading: Reading,
): Promise<Part<'rolePolicies'>> {
  const RoleName = roleArn.slice(roleArn.lastIndexOf('/') + 1);
  const read = () =>
    reading.part(
      'iam:ListAttachedRolePolicies',
      async (abortSignal) =>
        (
          await everyPage(async (Marker) => {
            const answer = await iam.send(
              new ListAttachedRolePoliciesCommand({ RoleName, ...(Marker === undefined ? {} : { Marker }) }),
              { abortSignal },
            );
            return { items: answer.AttachedPolicies, token: answer.IsTruncated === true ? answer.Marker : undefined };
          })
        ).flatMap(({ PolicyName }) => (PolicyName === undefined ? [] : [PolicyName])),
      // A role that is gone carries no policy: a positive answer.
      { resource: arn, expected: (error) => (isNotFound(error) ? [] : undefined) },
    );
  return reading.once(`role ${roleArn}`, read);
}
