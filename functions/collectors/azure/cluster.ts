import { type Field, given } from '#domain/collected.ts';
import type { AksCluster, AksNetworkProfile, AksPool } from '#domain/evidence/aks.ts';
import { dig, flag, id, object, objects, record, text, texts } from './facts.ts';

type Json = Readonly<Record<string, unknown>>;

/** One `managedClusters` item as ARM sends it (REST names; fields that an old API version does not know are absent). */
export function clusterFacts(item: Json, properties: Json): AksCluster {
  return {
    provisioningState: text(properties['provisioningState']),
    powerState: text(dig(properties['powerState'], 'code')),
    location: text(item['location']),
    fqdn: text(properties['fqdn']),
    publicNetworkAccess: text(properties['publicNetworkAccess']),
    disableLocalAccounts: flag(properties['disableLocalAccounts']),
    nodeResourceGroup: text(properties['nodeResourceGroup']),
    nodeProvisioningMode: text(dig(properties['nodeProvisioningProfile'], 'mode')),
    hostedSystemPools: flag(dig(properties['hostedSystemProfile'], 'enabled')),
    hostedSubnetIds: object(properties['hostedSystemProfile'], (hosted) => [
      id(hosted['systemNodeSubnetID']),
      id(hosted['nodeSubnetID']),
    ]),
    httpProxy: present(properties['httpProxyConfig']),
    apiServer: object(properties['apiServerAccessProfile'], (profile) => ({
      enablePrivateCluster: flag(profile['enablePrivateCluster']),
      enableVnetIntegration: flag(profile['enableVnetIntegration']),
      subnetId: id(profile['subnetId']),
      enablePublicName: flag(profile['enablePrivateClusterPublicFQDN']),
      privateDnsZone: text(profile['privateDNSZone']),
      authorizedRanges: texts(profile['authorizedIPRanges']),
      disableRunCommand: flag(profile['disableRunCommand']),
    })),
    network: object(properties['networkProfile'], networkProfile),
    pools: objects(properties['agentPoolProfiles'], pool),
    bootstrap: object(properties['bootstrapProfile'], (profile) => ({
      artifactSource: text(profile['artifactSource']),
      containerRegistryId: id(profile['containerRegistryId']),
    })),
    keyVaultKms: object(dig(properties['securityProfile'], 'azureKeyVaultKms'), (kms) => ({
      enabled: flag(kms['enabled']),
      keyVaultId: id(kms['keyVaultResourceId']),
      networkAccess: text(kms['keyVaultNetworkAccess']),
    })),
    webAppRouting: object(dig(properties['ingressProfile'], 'webAppRouting'), (routing) => ({
      enabled: flag(routing['enabled']),
      defaultController: text(dig(routing['nginx'], 'defaultIngressControllerType')),
      gatewayMode: text(dig(routing['gatewayAPIImplementations'], 'appRoutingIstio', 'mode')),
    })),
    unknownIngress: object(properties['ingressProfile'], (profile) =>
      Object.entries(profile)
        .filter(([name, part]) => !KNOWN_INGRESS.has(name.toLowerCase()) && dig(part, 'enabled') === true)
        .map(([name]) => name)
        .sort(),
    ),
    httpApplicationRouting: switchOf(setting(properties['addonProfiles'], 'httpApplicationRouting')),
    meshGateways: objects(
      dig(properties['serviceMeshProfile'], 'istio', 'components', 'ingressGateways'),
      (gateway) => ({
        enabled: flag(gateway['enabled']),
        mode: text(gateway['mode']),
      }),
    ),
    virtualNodes: object(setting(properties['addonProfiles'], 'aciConnectorLinux'), (profile) => ({
      enabled: addonFlag(profile['enabled']),
      subnetName: text(setting(profile['config'], 'SubnetName')),
    })),
    applicationGatewayAddon: object(setting(properties['addonProfiles'], 'ingressApplicationGateway'), (profile) => ({
      enabled: addonFlag(profile['enabled']),
      gatewayId: id(dig(profile['config'], 'effectiveApplicationGatewayId')),
    })),
  };
}

function networkProfile(profile: Json): AksNetworkProfile {
  const podCidrs = texts(profile['podCidrs']);
  const single = text(profile['podCidr']);
  return {
    outboundType: text(profile['outboundType']),
    loadBalancerSku: text(profile['loadBalancerSku']),
    networkPlugin: text(profile['networkPlugin']),
    networkPolicy: text(profile['networkPolicy']),
    networkDataplane: text(profile['networkDataplane']),
    podCidrs:
      podCidrs.state === 'absent' && single.state === 'given' ? { state: 'given', value: [single.value] } : podCidrs,
    ipFamilies: texts(profile['ipFamilies']),
    loadBalancerOutboundIps: outboundIps(profile['loadBalancerProfile']),
    natGatewayOutboundIps: outboundIps(profile['natGatewayProfile']),
    staticEgressGateway: flag(dig(profile['staticEgressGatewayProfile'], 'enabled')),
  };
}

function outboundIps(profile: unknown): Field<string[]> {
  return objects(dig(profile, 'effectiveOutboundIPs'), ({ id: ip }) =>
    typeof ip === 'string' ? ip.toLowerCase() : 'unnamed',
  );
}

function pool(profile: Json): AksPool {
  return {
    name: typeof profile['name'] === 'string' ? profile['name'] : 'unnamed',
    mode: text(profile['mode']),
    osType: text(profile['osType']),
    enableNodePublicIp: flag(profile['enableNodePublicIP']),
    nodePublicIpPrefixId: id(profile['nodePublicIPPrefixID']),
    nodeSubnetId: id(profile['vnetSubnetID']),
    podSubnetId: id(profile['podSubnetID']),
    secondaryInterfaces: objects(dig(profile['networkProfile'], 'secondaryNetworkInterfaces'), (entry) => ({
      subnetId: id(entry['vnetSubnetId'] ?? entry['vnetSubnetID']),
      publicAddress: present(entry['publicIPAddressConfiguration']),
    })),
    hostPorts: objects(dig(profile['networkProfile'], 'allowedHostPorts'), portRange),
  };
}

function portRange({ portStart, portEnd, protocol }: Json): string {
  const [first, last] = [portStart ?? portEnd, portEnd ?? portStart].map(String);
  return `${first === last ? first : `${first}-${last}`}/${protocol ?? 'TCP'}`;
}

/** Whether a section was sent at all. */
function present(section: unknown): Field<boolean> {
  const read = record(section);
  return read.state === 'given' ? given(true) : read;
}

const KNOWN_INGRESS = new Set(['webapprouting', 'gatewayapi']);

/** An add-on that is listed always says whether it is enabled (`enabled` is required in every API version): absent is no "off". */
function addonFlag(enabled: unknown): Field<boolean> {
  const read = flag(enabled);
  return read.state === 'absent' ? { state: 'malformed', raw: 'absent from a listed add-on' } : read;
}

/** Names of add-ons and of their settings come back in changing spellings (`ingressApplicationGateway`, `IngressApplicationGateway`). */
function setting(section: unknown, name: string): unknown {
  const given = record(section);
  if (given.state !== 'given') return given.state === 'absent' ? undefined : [String(section)];
  return Object.entries(given.value).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
}

function switchOf(profile: unknown): Field<boolean> {
  const read = record(profile);
  return read.state === 'given' ? addonFlag(read.value['enabled']) : read;
}
