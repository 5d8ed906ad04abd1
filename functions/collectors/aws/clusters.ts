import { type Cluster, DescribeClusterCommand, ListClustersCommand } from '@aws-sdk/client-eks';
import * as v from 'valibot';
import { type Collected, fieldOf } from '#domain/collected.ts';
import type { EksCluster } from '#domain/evidence/eks.ts';
import { isNotFound } from './errors.ts';
import { healthOf } from './health.ts';
import { everyPage, type Reading } from './read.ts';
import type { RegionClients } from './session.ts';

const strings = v.array(v.string());

/** Names of all clusters of the region, those of EKS Connector included. */
export function listClusters({ eks }: RegionClients, reading: Reading): Promise<Collected<readonly string[]>> {
  return reading.part('eks:ListClusters', (abortSignal) =>
    everyPage(async (nextToken) => {
      const answer = await eks.send(
        new ListClustersCommand({ include: ['all'], ...(nextToken === undefined ? {} : { nextToken }) }),
        { abortSignal },
      );
      if (answer.clusters?.some((name: unknown) => typeof name !== 'string') === true)
        throw new SyntaxError('the list holds other things than names');
      return { items: answer.clusters, token: answer.nextToken };
    }),
  );
}

/** Undefined: the cluster vanished between the list and this call. */
export async function describeCluster(
  name: string,
  arn: string,
  { eks }: RegionClients,
  reading: Reading,
): Promise<Collected<EksCluster> | undefined> {
  let gone = false;
  const part = await reading.part<EksCluster | 'gone'>(
    'eks:DescribeCluster',
    async (abortSignal) => {
      const { cluster } = await eks.send(new DescribeClusterCommand({ name }), { abortSignal });
      if (cluster === undefined) throw new SyntaxError('the answer holds no cluster');
      if (cluster.name !== undefined && cluster.name !== name)
        throw new SyntaxError(`the answer is about the cluster ${cluster.name}`);
      return toEvidence(cluster);
    },
    {
      resource: arn,
      expected: (error) => {
        gone = isNotFound(error);
        return gone ? 'gone' : undefined;
      },
    },
  );
  return gone ? undefined : (part as Collected<EksCluster>);
}

/** Field by field as it was sent: an absent flag of a cluster of 2018 stays absent. */
function toEvidence(cluster: Cluster): EksCluster {
  const network = cluster.resourcesVpcConfig;
  return {
    status: fieldOf(v.string(), cluster.status),
    version: fieldOf(v.string(), cluster.version),
    endpointPublicAccess: fieldOf(v.boolean(), network?.endpointPublicAccess),
    endpointPrivateAccess: fieldOf(v.boolean(), network?.endpointPrivateAccess),
    publicAccessCidrs: fieldOf(strings, network?.publicAccessCidrs),
    subnetIds: fieldOf(strings, network?.subnetIds),
    securityGroupIds: fieldOf(strings, network?.securityGroupIds),
    clusterSecurityGroupId: fieldOf(v.string(), network?.clusterSecurityGroupId),
    vpcId: fieldOf(v.string(), network?.vpcId),
    controlPlaneEgressMode: fieldOf(
      v.string(),
      (network as { controlPlaneEgressMode?: unknown } | undefined)?.controlPlaneEgressMode,
    ),
    enabledLogs: fieldOf(strings, enabledLogs(cluster.logging?.clusterLogging)),
    encryptedResources: fieldOf(
      strings,
      cluster.encryptionConfig?.flatMap(({ resources, provider }) =>
        provider?.keyArn === undefined ? [] : (resources ?? []),
      ),
    ),
    authenticationMode: fieldOf(v.string(), cluster.accessConfig?.authenticationMode),
    ipFamily: fieldOf(v.string(), cluster.kubernetesNetworkConfig?.ipFamily),
    autoMode: fieldOf(v.boolean(), cluster.computeConfig?.enabled),
    remoteNodeNetworks: fieldOf(
      strings,
      cluster.remoteNetworkConfig?.remoteNodeNetworks?.flatMap(({ cidrs }) => cidrs ?? []),
    ),
    roleArn: fieldOf(v.string(), cluster.roleArn),
    kind:
      cluster.connectorConfig !== undefined ? 'connected' : cluster.outpostConfig !== undefined ? 'outposts' : 'cloud',
    creatorIsAdministrator: fieldOf(v.boolean(), cluster.accessConfig?.bootstrapClusterCreatorAdminPermissions),
    serviceCidrs: fieldOf(strings, serviceCidrs(cluster)),
    health: healthOf(cluster.health?.issues),
  };
}

function serviceCidrs({ kubernetesNetworkConfig: network }: Cluster): readonly string[] | undefined {
  const cidrs = [network?.serviceIpv4Cidr, network?.serviceIpv6Cidr].filter((cidr) => cidr !== undefined);
  return cidrs.length === 0 ? undefined : cidrs;
}

function enabledLogs(
  entries:
    | readonly { readonly types?: readonly string[] | undefined; readonly enabled?: boolean | undefined }[]
    | undefined,
) {
  return entries?.filter(({ enabled }) => enabled === true).flatMap(({ types }) => types ?? []);
}
