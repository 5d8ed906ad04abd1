import { describe, expect, test } from 'vitest';
import {
  FIREWALL,
  HUB,
  HUB_VNET,
  type Json,
  NODE_GROUP,
  NODES,
  pool,
  row,
  rowOf,
  SPOKE,
  VNET,
} from '#test/collectors/azure/world.ts';
import { both, type Change } from './changes.ts';
import { verdict } from './verdicts.ts';

type Row = readonly [title: string, control: string, change: Change, status: string, reason: string];

const inGroup = (type: string, name: string, group = 'rg-net') =>
  `/subscriptions/${SPOKE}/resourceGroups/${group}/providers/Microsoft.Network/${type}/${name}`;
const INTERNAL = `${NODE_GROUP}/providers/Microsoft.Network/loadBalancers/kubernetes-internal`;

const translation = (translatedAddress: string, extra: Json = {}): Json => ({
  name: 'in',
  properties: {
    priority: 100,
    action: { type: 'Dnat' },
    rules: [
      {
        name: 'web',
        protocols: ['TCP'],
        sourceAddresses: ['*'],
        destinationAddresses: ['20.1.2.3'],
        destinationPorts: ['443'],
        translatedAddress,
        translatedPort: '443',
        ...extra,
      },
    ],
  },
});
const dnat =
  (...collections: Json[]): Change =>
  (world) => {
    rowOf(world, FIREWALL)['natRuleCollections'] = collections;
  };
const POLICY = `/subscriptions/${HUB}/resourceGroups/rg-hub/providers/Microsoft.Network/firewallPolicies/p`;
const natGroup = (translatedAddress: string): Json => ({
  name: 'g',
  properties: {
    priority: 100,
    ruleCollections: [
      {
        name: 'c',
        priority: 100,
        ruleCollectionType: 'FirewallPolicyNatRuleCollection',
        action: { type: 'DNAT' },
        rules: [
          {
            ruleType: 'NatRule',
            name: 'web',
            ipProtocols: ['TCP'],
            sourceAddresses: ['*'],
            destinationAddresses: ['20.1.2.3'],
            destinationPorts: ['443'],
            translatedAddress,
            translatedPort: '443',
          },
        ],
      },
    ],
  },
});
const policy =
  (groups: Json[], parent?: Json[]): Change =>
  (world) => {
    rowOf(world, FIREWALL)['firewallPolicy'] = { id: POLICY };
    world.rows.push(
      row(POLICY, {
        threatIntelMode: 'Alert',
        ...(parent === undefined ? {} : { basePolicy: { id: `${POLICY}-parent` } }),
      }),
      row(`${POLICY}-parent`, { threatIntelMode: 'Alert' }),
    );
    world.ruleGroups[POLICY] = groups;
    world.ruleGroups[`${POLICY}-parent`] = parent ?? [];
  };

const gateway =
  (address: string, listener: 'front' | 'inner' | 'none', extra: Json = {}): Change =>
  (world) => {
    const id = inGroup('applicationGateways', 'agw');
    const listeners =
      listener === 'none'
        ? []
        : [
            {
              name: 'l',
              properties: { frontendIPConfiguration: { id: `${id}/frontendIPConfigurations/${listener}` } },
            },
          ];
    world.rows.push(
      row(id, {
        gatewayIPConfigurations: [{ properties: { subnet: { id: `${VNET}/subnets/agw` } } }],
        frontendIPConfigurations: [
          { name: 'front', properties: { publicIPAddress: { id: '/x' } } },
          { name: 'inner', properties: { privateIPAddress: '10.1.3.4', subnet: { id: `${VNET}/subnets/agw` } } },
        ],
        backendAddressPools: [{ properties: { backendAddresses: [{ ipAddress: address }] } }],
        httpListeners: listeners,
        ...extra,
      }),
    );
  };
const named = (fqdn: string): Json => ({ backendAddressPools: [{ properties: { backendAddresses: [{ fqdn }] } }] });

const linkService =
  (extra: Json, frontend = `${INTERNAL}/frontendIPConfigurations/aaa`): Change =>
  (world) => {
    world.rows.push(
      row(inGroup('privateLinkServices', 'pls', 'rg-pls'), {
        loadBalancerFrontendIpConfigurations: [{ id: frontend }],
        ...extra,
      }),
    );
  };
const connection = (status: string, subscription: string): Json => ({
  privateEndpointConnections: [
    {
      name: 'theirs',
      properties: {
        privateEndpoint: {
          id: `/subscriptions/${subscription}/resourceGroups/g/providers/Microsoft.Network/privateEndpoints/pe`,
        },
        privateLinkServiceConnectionState: { status },
      },
    },
  ],
});

const balancer =
  (backend: Json, rulePool = 'aks'): Change =>
  (world) => {
    const id = inGroup('loadBalancers', 'edge');
    world.rows.push(
      row(id, {
        frontendIPConfigurations: [
          { id: `${id}/frontendIPConfigurations/f`, name: 'f', properties: { publicIPAddress: { id: '/pip' } } },
        ],
        backendAddressPools: [
          { id: `${id}/backendAddressPools/aks`, properties: backend },
          { id: `${id}/backendAddressPools/other`, properties: {} },
        ],
        loadBalancingRules: [
          {
            name: 'r',
            properties: {
              frontendIPConfiguration: { id: `${id}/frontendIPConfigurations/f` },
              backendAddressPool: { id: `${id}/backendAddressPools/${rulePool}` },
            },
          },
        ],
      }),
    );
  };
const scaleSet = {
  backendIPConfigurations: [
    {
      id: `${NODE_GROUP}/providers/Microsoft.Compute/virtualMachineScaleSets/aks/virtualMachines/0/networkInterfaces/n/ipConfigurations/i`,
    },
  ],
};
const address = (ipAddress: string) => ({
  loadBalancerBackendAddresses: [{ properties: { ipAddress, virtualNetwork: { id: VNET } } }],
});
const second =
  (extra: Json): Change =>
  (world) => {
    world.properties['agentPoolProfiles'] = [
      pool('a', { networkProfile: { secondaryNetworkInterfaces: [{ vnetSubnetId: NODES, ...extra }] } }),
    ];
  };
const windows =
  (networkPolicy: string, dataplane: string): Change =>
  (world) => {
    world.properties['agentPoolProfiles'] = [pool('a'), pool('win', { osType: 'Windows' })];
    Object.assign(world.properties['networkProfile'] as Json, { networkPolicy, networkDataplane: dataplane });
  };

const LB = 'aks-load-balancer-internal';
const INGRESS = 'aks-managed-ingress';
const PLS = 'aks-private-link-service';
const POLICIES = 'aks-network-policy';

const ROWS: readonly Row[] = [
  ['a translation to the internal balancer', LB, dnat(translation('10.1.0.9')), 'FAIL', 'firewall-translation'],
  ['a translation to a node', LB, dnat(translation('10.1.0.77')), 'FAIL', 'firewall-translation'],
  ['a translation to another spoke', LB, dnat(translation('10.7.0.9')), 'PASS', 'holds'],
  [
    'a translation for private sources',
    LB,
    dnat(translation('10.1.0.9', { sourceAddresses: ['10.0.0.0/8'] })),
    'PASS',
    'holds',
  ],
  [
    'a translation of a private address of the firewall',
    LB,
    dnat(translation('10.1.0.9', { destinationAddresses: ['10.0.1.4'] })),
    'PASS',
    'holds',
  ],
  [
    'a translation for one partner',
    LB,
    dnat(translation('10.1.0.9', { sourceAddresses: ['203.0.113.7'] })),
    'FAIL',
    'firewall-translation',
  ],
  ['a translation to a name', LB, dnat(translation('', { translatedFqdn: 'shop.internal' })), 'UNKNOWN', 'undecidable'],
  ['a translation that does not say where to', LB, dnat(translation('')), 'UNKNOWN', 'absent-field'],
  ["a translation of the firewall's own policy", LB, policy([natGroup('10.1.0.9')]), 'FAIL', 'firewall-translation'],
  ['a translation of the parent only', LB, policy([], [natGroup('10.1.0.9')]), 'UNKNOWN', 'undecidable'],
  ["a parent's translation to somewhere else", LB, policy([], [natGroup('10.7.0.9')]), 'PASS', 'holds'],
  ['a public balancer elsewhere with the scale set behind it', LB, balancer(scaleSet), 'FAIL', 'public-frontend'],
  [
    'a public balancer elsewhere with an address of a node',
    LB,
    balancer(address('10.1.0.31')),
    'FAIL',
    'public-frontend',
  ],
  ['a public balancer whose rule leads to another pool', LB, balancer(scaleSet, 'other'), 'PASS', 'holds'],
  ['a public balancer in front of somebody else', LB, balancer(address('10.1.200.31')), 'PASS', 'holds'],
  [
    'a gateway in front of the internal balancer',
    INGRESS,
    gateway('10.1.0.9', 'front'),
    'FAIL',
    'application-gateway-public',
  ],
  ['a gateway in front of a pod', INGRESS, gateway('10.1.0.31', 'front'), 'FAIL', 'application-gateway-public'],
  ['a gateway that listens privately', INGRESS, gateway('10.1.0.9', 'inner'), 'PASS', 'holds'],
  ['a gateway on which nothing listens', INGRESS, gateway('10.1.0.9', 'none'), 'PASS', 'holds'],
  ['a gateway in front of something else', INGRESS, gateway('10.9.9.9', 'front'), 'PASS', 'holds'],
  ['a gateway that sends to a name', INGRESS, gateway('', 'front', named('shop.internal')), 'UNKNOWN', 'undecidable'],
  [
    'a gateway that sends to a service of Azure',
    INGRESS,
    gateway('', 'front', named('shop.azurewebsites.net')),
    'PASS',
    'holds',
  ],
  [
    'a gateway whose listeners are nonsense',
    INGRESS,
    gateway('10.1.0.9', 'front', { httpListeners: 'all' }),
    'UNKNOWN',
    'malformed-answer',
  ],
  [
    'a gateway of the hub in front of the internal balancer',
    INGRESS,
    gateway('10.1.0.9', 'front', {
      gatewayIPConfigurations: [{ properties: { subnet: { id: `${HUB_VNET}/subnets/agw` } } }],
    }),
    'FAIL',
    'application-gateway-public',
  ],
  [
    'a link service elsewhere, visible to everyone',
    PLS,
    linkService({ visibility: { subscriptions: ['*'] } }),
    'FAIL',
    'visible-to-everyone',
  ],
  [
    "a link service of somebody else's balancer",
    PLS,
    linkService({ visibility: { subscriptions: ['*'] } }, '/x/frontendIPConfigurations/y'),
    'PASS',
    'holds',
  ],
  [
    "a stranger's approved connection",
    PLS,
    linkService(connection('Approved', 'far')),
    'FAIL',
    'unexpected-connection',
  ],
  ["a stranger's pending connection", PLS, linkService(connection('Pending', 'far')), 'PASS', 'holds'],
  [
    'an approved connection of a subscription in scope',
    PLS,
    linkService(connection('Approved', HUB.toUpperCase())),
    'PASS',
    'holds',
  ],
  [
    'a connection in a state that nobody knows',
    PLS,
    linkService(connection('Maybe', 'far')),
    'UNKNOWN',
    'unrecognised-value',
  ],
  [
    'a second interface with a public address',
    'aks-node-public-ip',
    second({ publicIPAddressConfiguration: {} }),
    'FAIL',
    'secondary-interface-public-ip',
  ],
  ['a second interface without', 'aks-node-public-ip', second({}), 'PASS', 'holds'],
  [
    'second interfaces that are nonsense',
    'aks-node-public-ip',
    second({ publicIPAddressConfiguration: 'yes' }),
    'UNKNOWN',
    'malformed-answer',
  ],
  ['a Windows pool beside Cilium', POLICIES, windows('cilium', 'cilium'), 'FAIL', 'pool-without-policies'],
  ['a Windows pool with NPM past its end', POLICIES, windows('azure', 'azure'), 'FAIL', 'pool-without-policies'],
  ['a Windows pool with Calico', POLICIES, windows('calico', 'azure'), 'PASS', 'holds'],
  [
    'a pool that does not say what it runs',
    POLICIES,
    (world) => {
      world.properties['agentPoolProfiles'] = [pool('a', { osType: undefined })];
    },
    'UNKNOWN',
    'absent-field',
  ],
];

describe('what leads into a cluster', () => {
  test.each(ROWS)('%s (%s)', async (_title, control, change, status, reason) => {
    expect(await verdict(control, { change })).toMatchObject({ status, reason });
  });

  test('an accepted gateway is called accepted', async () => {
    const change = both(gateway('10.1.0.9', 'front', { firewallPolicy: { id: '/waf' } }));
    expect(await verdict(INGRESS, { change, parameters: { acceptWebApplicationFirewall: true } })).toMatchObject({
      status: 'PASS',
      reason: 'declared',
      message: expect.stringContaining('which the configuration accepts'),
    });
  });

  test('policies say that they do not cover second interfaces', async () => {
    expect(await verdict(POLICIES, { change: second({}) })).toMatchObject({
      status: 'PASS',
      message: 'Cilium enforces network policies, but not on the second interfaces of a',
    });
  });
});
