import { describe, expect, test } from 'vitest';
import {
  FIREWALL,
  HUB,
  type Json,
  NODES,
  pool,
  route,
  row,
  rowOf,
  SPOKE,
  TABLE,
  type World,
} from '#test/collectors/azure/world.ts';
import { both, nodes, routes, table, toFirewall } from './changes.ts';
import { verdict } from './verdicts.ts';

/** That every FAIL has a repair which names something is checked where verdicts are made (`judgeSubject`); here is what they say. */

type Row = readonly [title: string, control: string, change: (world: World) => void, commands: readonly string[]];

const CLUSTER = `--subscription ${SPOKE} --resource-group rg-aks --name prod`;
const AGW = `/subscriptions/${SPOKE}/resourceGroups/rg-net/providers/Microsoft.Network/applicationGateways/agw`;
const NIC = `/subscriptions/${SPOKE}/resourceGroups/MC_rg-aks_prod_westeurope/providers/Microsoft.Network/networkInterfaces/nap`;
const POLICY = `/subscriptions/${HUB}/resourceGroups/rg-hub/providers/Microsoft.Network/firewallPolicies/p`;
const api = (extra: Json) => (world: World) => {
  Object.assign(world.properties['apiServerAccessProfile'] as Json, extra);
};
const TO_FIREWALL = '--next-hop-type VirtualAppliance --next-hop-ip-address <private address of the firewall>';

const ROWS: readonly Row[] = [
  [
    'a public cluster is integrated first, then closed',
    'aks-api-private',
    (world) => {
      world.properties['apiServerAccessProfile'] = null;
    },
    [
      `az aks update ${CLUSTER} --enable-apiserver-vnet-integration --apiserver-subnet-id <id of a subnet delegated to AKS>`,
      `az aks update ${CLUSTER} --enable-private-cluster`,
    ],
  ],
  [
    'an integrated one is closed in place',
    'aks-api-private',
    api({ enablePrivateCluster: false, enableVnetIntegration: true }),
    [`az aks update ${CLUSTER} --enable-private-cluster`],
  ],
  [
    'a default route that leads elsewhere is changed: a second one of its prefix would be refused',
    'aks-egress-route',
    routes(route('to internet', '0.0.0.0/0', 'Internet')),
    [`az network route-table route update --ids '${TABLE.toLowerCase()}/routes/to internet' ${TO_FIREWALL}`],
  ],
  [
    'a table that other subnets use too is shown first',
    'aks-egress-route',
    both(
      routes(route('to internet', '0.0.0.0/0', 'Internet')),
      table({ subnets: [{ id: NODES }, { id: '/x/subnets/vms' }] }),
    ),
    [`az network route-table show --ids ${TABLE.toLowerCase()} --query subnets`],
  ],
  [
    'so is one whose subnets are not shown',
    'aks-egress-route',
    both(routes(), table({ subnets: undefined })),
    [`az network route-table show --ids ${TABLE.toLowerCase()} --query subnets`],
  ],
  [
    'a missing one is made',
    'aks-egress-route',
    routes(),
    [
      `az network route-table route create --subscription ${SPOKE} --resource-group rg-net --route-table-name rt-nodes --name default --address-prefix 0.0.0.0/0 ${TO_FIREWALL}`,
    ],
  ],
  [
    'a carve-out is shown: what is reached by it is not known',
    'aks-egress-carve-outs',
    routes(toFirewall, route('past', '20.1.0.0/16', 'Internet')),
    [`az network route-table route show --ids ${TABLE.toLowerCase()}/routes/past`],
  ],
  [
    'service endpoints of a subnet are shown',
    'aks-egress-carve-outs',
    nodes({ serviceEndpoints: [{ service: 'Microsoft.Storage' }] }),
    [`az network vnet subnet show --ids ${NODES.toLowerCase()} --query serviceEndpoints`],
  ],
  [
    'threat intelligence of a firewall with a policy stands in the policy',
    'aks-egress-firewall',
    (world) => {
      rowOf(world, FIREWALL)['firewallPolicy'] = { id: POLICY };
      world.rows.push(row(POLICY, { threatIntelMode: 'Off' }));
    },
    [`az network firewall policy update --ids ${POLICY.toLowerCase()} --threat-intel-mode Alert`],
  ],
  [
    'a connection from elsewhere',
    'aks-private-endpoint-connections',
    (world) => {
      world.connections = [
        {
          name: 'theirs',
          properties: {
            privateEndpoint: { id: '/subscriptions/far/x' },
            privateLinkServiceConnectionState: { status: 'Approved' },
          },
        },
      ];
    },
    [
      `az network private-endpoint-connection show --id /subscriptions/${SPOKE}/resourcegroups/rg-aks/providers/microsoft.containerservice/managedclusters/prod/privateEndpointConnections/theirs`,
    ],
  ],
  [
    'a machine with an address of its own',
    'aks-node-public-ip',
    (world) => {
      world.rows.push(row(NIC, { ipConfigurations: [{ properties: { publicIPAddress: { id: '/x' } } }] }));
    },
    [`az network nic show --ids ${NIC.toLowerCase()} --query ipConfigurations`],
  ],
  [
    'a gateway with a public frontend',
    'aks-managed-ingress',
    (world) => {
      world.properties['addonProfiles'] = {
        ingressApplicationGateway: { enabled: true, config: { effectiveApplicationGatewayId: AGW } },
      };
      world.rows.push(
        row(AGW, { frontendIPConfigurations: [{ name: 'front', properties: { publicIPAddress: { id: '/x' } } }] }),
      );
    },
    [
      `az network application-gateway http-listener list --subscription ${SPOKE} --resource-group rg-net --gateway-name agw`,
    ],
  ],
];

describe('repairs', () => {
  test.each(ROWS)('%s', async (_title, control, change, commands) => {
    expect(await verdict(control, { change })).toMatchObject({ status: 'FAIL', fix: { commands } });
  });
});

test('names are words of a command and strings of a fragment, whatever they contain', async () => {
  const change = (world: World) => {
    world.properties['agentPoolProfiles'] = [pool("a'; rm -rf ~ #${x}", { enableNodePublicIP: true })];
  };
  expect(await verdict('aks-node-public-ip', { change })).toMatchObject({
    fix: {
      commands: [expect.stringContaining(`--name 'a'\\''; rm -rf ~ #\${x}'`)],
      fragments: [{ language: 'bicep', code: expect.stringContaining(`'a\\'; rm -rf ~ #\\\${x}'`) }],
    },
  });
});
