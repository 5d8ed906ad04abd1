import { describe, expect, test } from 'vitest';
import { type Json, NODE_GROUP, pool, row, SPOKE, type World } from '#test/collectors/azure/world.ts';
import { verdict } from './verdicts.ts';

type Row = readonly [title: string, change: (world: World) => void, status: string, reason: string];

const pools =
  (...list: Json[]) =>
  (world: World) => {
    world.properties['agentPoolProfiles'] = list;
  };
const set = (name: string, value: unknown) => (world: World) => {
  world.properties[name] = value;
};
const both =
  (...changes: readonly ((world: World) => void)[]) =>
  (world: World) => {
    for (const change of changes) change(world);
  };
const inGroup = (type: string, name: string) => `${NODE_GROUP}/providers/${type}/${name}`;
const BALANCER = inGroup('Microsoft.Network/loadBalancers', 'kubernetes');
const ADDRESS = inGroup('Microsoft.Network/publicIPAddresses', 'kubernetes-a1');
const add =
  (...rows: Json[]) =>
  (world: World) => {
    world.rows.push(...rows);
  };
const frontend = (name: string, properties: Json): Json => ({
  id: `${BALANCER}/frontendIPConfigurations/${name}`,
  name,
  properties,
});
const balancer = (...frontends: Json[]) =>
  add(
    row(BALANCER, { frontendIPConfigurations: frontends }),
    row(ADDRESS, { ipAddress: '20.9.9.9' }, { tags: { 'k8s-azure-service': 'shop/web' } }),
  );
const open = { publicIPAddress: { id: ADDRESS.toUpperCase() } };
const noBalancers = (world: World) => {
  world.rows = world.rows.filter(({ type }) => type !== 'microsoft.network/loadbalancers');
};
const noGroup = (world: World) => {
  world.groups = world.groups.filter(({ id }) => id !== NODE_GROUP);
};
const scaleSet = (publicIPAddressConfiguration: unknown) =>
  row(inGroup('Microsoft.Compute/virtualMachineScaleSets', 'aks-np'), {
    virtualMachineProfile: {
      networkProfile: {
        networkInterfaceConfigurations: [
          { properties: { ipConfigurations: [{ properties: { publicIPAddressConfiguration } }] } },
        ],
      },
    },
  });
const HTTP = { portStart: 80, portEnd: 80, protocol: 'TCP' };
const ports = (allowedHostPorts: unknown, extra: Json = {}) =>
  pool('a', { networkProfile: { allowedHostPorts }, ...extra });
const auto = set('nodeProvisioningProfile', { mode: 'Auto' });
const routing = (type: unknown) =>
  set('ingressProfile', { webAppRouting: { enabled: true, nginx: { defaultIngressControllerType: type } } });
const gateways = (mode: string) =>
  set('ingressProfile', {
    webAppRouting: { enabled: false, gatewayAPIImplementations: { appRoutingIstio: { mode } } },
  });
const gateway = (extra: Json) =>
  set('serviceMeshProfile', {
    mode: 'Istio',
    istio: { components: { ingressGateways: [{ enabled: true, ...extra }] } },
  });
const AGW = `/subscriptions/${SPOKE}/resourceGroups/rg-net/providers/Microsoft.Network/applicationGateways/agw`;
const addon = set('addonProfiles', {
  ingressApplicationGateway: { enabled: true, config: { effectiveApplicationGatewayId: AGW } },
});
const agw = (properties: Json, extra: Json = {}) =>
  add(row(AGW, { frontendIPConfigurations: [{ name: 'front', properties }], ...extra }));
const linkService = (visibility: string[], autoApproval: string[] = []) =>
  add(
    row(inGroup('Microsoft.Network/privateLinkServices', 'pls'), {
      visibility: { subscriptions: visibility },
      autoApproval: { subscriptions: autoApproval },
    }),
  );

const ROWS: Readonly<Record<string, readonly Row[]>> = {
  'aks-node-public-ip': [
    ['every pool without', pools(pool('a'), pool('b', { enableNodePublicIP: undefined })), 'PASS', 'holds'],
    [
      'one of several pools is public',
      pools(pool('a'), pool('b', { enableNodePublicIP: true })),
      'FAIL',
      'node-public-ip',
    ],
    [
      'a public prefix',
      pools(pool('a', { nodePublicIPPrefixID: '/subscriptions/x/prefix' })),
      'FAIL',
      'node-public-ip-prefix',
    ],
    [
      'an unreadable pool does not hide a public one',
      pools(pool('a', { enableNodePublicIP: 'no' }), pool('b', { enableNodePublicIP: true })),
      'FAIL',
      'node-public-ip',
    ],
    ['an unreadable pool', pools(pool('a'), pool('b', { enableNodePublicIP: 'no' })), 'UNKNOWN', 'malformed-answer'],
    ['no pools', pools(), 'UNKNOWN', 'absent-field'],
    ['pools absent', set('agentPoolProfiles', null), 'UNKNOWN', 'absent-field'],
    ['no pools, hosted system pools', both(pools(), set('hostedSystemProfile', { enabled: true })), 'PASS', 'holds'],
    ['node auto-provisioning, group read', both(pools(), auto), 'PASS', 'holds'],
    ['node auto-provisioning, group unread', both(pools(), auto, noGroup), 'UNKNOWN', 'not-found'],
    [
      'node auto-provisioning, an instance with an address',
      both(
        auto,
        add(
          row(inGroup('Microsoft.Network/networkInterfaces', 'nap-1'), {
            ipConfigurations: [{ properties: { publicIPAddress: { id: ADDRESS } } }],
          }),
        ),
      ),
      'FAIL',
      'instance-public-ip',
    ],
    [
      'node auto-provisioning, an interface that does not show its addresses',
      both(auto, add(row(inGroup('Microsoft.Network/networkInterfaces', 'nap-1'), {}))),
      'UNKNOWN',
      'absent-field',
    ],
    ['a scale set that gives addresses', add(scaleSet({ name: 'pub' })), 'FAIL', 'instance-public-ip'],
    ['a scale set without', add(scaleSet(undefined)), 'PASS', 'holds'],
    ['a static egress gateway pool', pools(pool('gw', { mode: 'Gateway' })), 'UNKNOWN', 'undecidable'],
  ],
  'aks-host-ports': [
    ['none', () => undefined, 'PASS', 'holds'],
    ['an empty list', pools(ports([])), 'PASS', 'holds'],
    ['open on private nodes: the security group alone', pools(ports([HTTP])), 'PASS', 'holds'],
    ['open, and the pool is public', pools(ports([HTTP], { enableNodePublicIP: true })), 'FAIL', 'host-ports-public'],
    [
      'open in one pool, another is public',
      pools(ports([HTTP]), pool('b', { enableNodePublicIP: true })),
      'FAIL',
      'host-ports-public',
    ],
    ['open, and addresses unknown', pools(ports([HTTP], { enableNodePublicIP: 'no' })), 'UNKNOWN', 'malformed-answer'],
    ['a list that is none', pools(ports('80')), 'UNKNOWN', 'malformed-answer'],
    ['no pools', pools(), 'UNKNOWN', 'absent-field'],
    [
      'no pools, hosted system pools',
      both(pools(), set('hostedSystemProfile', { enabled: true })),
      'NOT_APPLICABLE',
      'no-pools',
    ],
  ],
  'aks-load-balancer-internal': [
    ['internal only', () => undefined, 'PASS', 'holds'],
    [
      'rules of a balancer that shows no frontend',
      add(row(BALANCER, { frontendIPConfigurations: [], loadBalancingRules: [{ name: 'r', properties: {} }] })),
      'UNKNOWN',
      'malformed-answer',
    ],
    [
      'public with a rule',
      balancer(frontend('a1', { ...open, loadBalancingRules: [{ id: `${BALANCER}/loadBalancingRules/r` }] })),
      'FAIL',
      'public-frontend',
    ],
    [
      'public with a NAT rule',
      balancer(frontend('a1', { ...open, inboundNatRules: [{ id: 'x/n' }] })),
      'FAIL',
      'public-frontend',
    ],
    [
      'public with a NAT pool',
      balancer(frontend('a1', { ...open, inboundNatPools: [{ id: 'x/n' }] })),
      'FAIL',
      'public-frontend',
    ],
    [
      'public prefix with a rule',
      balancer(frontend('a1', { publicIPPrefix: { id: '/x/prefix' }, loadBalancingRules: [{ id: 'x/r' }] })),
      'FAIL',
      'public-frontend',
    ],
    [
      'public for egress only',
      balancer(frontend('a1', { ...open, outboundRules: [{ id: `${BALANCER}/outboundRules/aksOutboundRule` }] })),
      'PASS',
      'holds',
    ],
    ['public with nothing attached', balancer(frontend('a1', open)), 'PASS', 'holds'],
    [
      'the rule names the frontend, not the reverse',
      add(
        row(BALANCER, {
          frontendIPConfigurations: [frontend('a1', open)],
          loadBalancingRules: [
            { name: 'r', properties: { frontendIPConfiguration: { id: `${BALANCER}/FRONTENDIPCONFIGURATIONS/a1` } } },
          ],
        }),
      ),
      'FAIL',
      'public-frontend',
    ],
    [
      'a balancer called internal that is public',
      add(
        row(`${BALANCER}-internal2`, {
          frontendIPConfigurations: [frontend('x', { ...open, loadBalancingRules: [{ id: 'x/r' }] })],
        }),
      ),
      'FAIL',
      'public-frontend',
    ],
    ['neither public nor internal', balancer(frontend('a1', {})), 'UNKNOWN', 'absent-field'],
    ['no balancer', noBalancers, 'PASS', 'holds'],
    [
      'no balancer, though one must be',
      both(noBalancers, (world) => {
        (world.properties['networkProfile'] as Json)['loadBalancerProfile'] = {
          effectiveOutboundIPs: [{ id: ADDRESS }],
        };
      }),
      'UNKNOWN',
      'conflicting-fields',
    ],
    ['node resource group unseen', noGroup, 'UNKNOWN', 'not-found'],
    ['node resource group not named', set('nodeResourceGroup', undefined), 'UNKNOWN', 'absent-field'],
    ['frontends malformed', add(row(BALANCER, { frontendIPConfigurations: 'many' })), 'UNKNOWN', 'malformed-answer'],
  ],
  'aks-managed-ingress': [
    ['nothing enabled', () => undefined, 'PASS', 'holds'],
    ['application routing Internal', routing('Internal'), 'PASS', 'holds'],
    ['application routing None', routing('None'), 'PASS', 'holds'],
    ['gateways of the Gateway API, internal balancers', gateways('Enabled'), 'PASS', 'holds'],
    [
      'gateways of the Gateway API, a public balancer',
      both(
        gateways('Enabled'),
        balancer(frontend('a1', { ...open, loadBalancingRules: [{ id: `${BALANCER}/loadBalancingRules/r80` }] })),
      ),
      'FAIL',
      'public-frontend',
    ],
    [
      'an ingress that is not known yet',
      set('ingressProfile', { applicationLoadBalancer: { enabled: true }, gatewayAPI: { installation: 'Standard' } }),
      'UNKNOWN',
      'unrecognised-value',
    ],
    [
      'one that is not known yet, and off',
      set('ingressProfile', { applicationLoadBalancer: { enabled: false } }),
      'PASS',
      'holds',
    ],
    ['gateways of an unknown mode', gateways('Hybrid'), 'UNKNOWN', 'unrecognised-value'],
    [
      'the retired HTTP application routing, a public balancer',
      both(
        set('addonProfiles', { httpApplicationRouting: { enabled: true } }),
        balancer(frontend('a1', { ...open, loadBalancingRules: [{ id: `${BALANCER}/loadBalancingRules/r80` }] })),
      ),
      'FAIL',
      'public-frontend',
    ],
    [
      'the retired HTTP application routing, group unread',
      both(set('addonProfiles', { httpApplicationRouting: { enabled: true } }), noGroup),
      'UNKNOWN',
      'not-found',
    ],
    [
      'application routing that does not say whether it is on',
      set('ingressProfile', { webAppRouting: { nginx: { defaultIngressControllerType: 'External' } } }),
      'UNKNOWN',
      'absent-field',
    ],
    [
      'an add-on that does not say whether it is on',
      set('addonProfiles', { httpApplicationRouting: { config: {} } }),
      'UNKNOWN',
      'malformed-answer',
    ],
    ['an Application Gateway frontend without any address', both(addon, agw({})), 'UNKNOWN', 'absent-field'],
    [
      'an Application Gateway frontend with a nonsensical address',
      both(addon, agw({ publicIPAddress: 'yes', subnet: { id: AGW } })),
      'UNKNOWN',
      'absent-field',
    ],
    ['application routing External', routing('External'), 'FAIL', 'ingress-external'],
    ['AnnotationControlled with internal balancers', routing('AnnotationControlled'), 'PASS', 'holds'],
    [
      'AnnotationControlled with a public balancer',
      both(routing('annotationcontrolled'), balancer(frontend('a1', { ...open, loadBalancingRules: [{ id: 'x/r' }] }))),
      'FAIL',
      'public-frontend',
    ],
    ['default type with the group unread', both(routing(undefined), noGroup), 'UNKNOWN', 'not-found'],
    ['an unknown type', routing('Somewhere'), 'UNKNOWN', 'unrecognised-value'],
    ['mesh gateway Internal', gateway({ mode: 'Internal' }), 'PASS', 'holds'],
    ['mesh gateway External', gateway({ mode: 'External' }), 'FAIL', 'ingress-external'],
    ['mesh gateway External but disabled', gateway({ mode: 'External', enabled: false }), 'PASS', 'holds'],
    ['mesh gateway of unknown mode', gateway({ mode: 'Half' }), 'UNKNOWN', 'unrecognised-value'],
    ['Application Gateway private', both(addon, agw({ privateIPAddress: '10.1.0.8' })), 'PASS', 'holds'],
    ['Application Gateway public', both(addon, agw(open)), 'FAIL', 'application-gateway-public'],
    [
      'Application Gateway public behind a WAF, not declared',
      both(addon, agw(open, { firewallPolicy: { id: '/x/waf' } })),
      'FAIL',
      'application-gateway-public',
    ],
    ['Application Gateway unread', addon, 'UNKNOWN', 'not-found'],
    ['profile malformed', set('ingressProfile', 'on'), 'UNKNOWN', 'malformed-answer'],
  ],
  'aks-private-link-service': [
    ['none', () => undefined, 'PASS', 'holds'],
    ['limited to role-based access', linkService([]), 'PASS', 'holds'],
    [
      'a row that shows nothing of it',
      add(row(inGroup('Microsoft.Network/privateLinkServices', 'pls'), {})),
      'UNKNOWN',
      'malformed-answer',
    ],
    ['own subscription', linkService([SPOKE.toUpperCase()], [SPOKE]), 'PASS', 'holds'],
    ['everyone', linkService(['*']), 'FAIL', 'visible-to-everyone'],
    ['a foreign subscription', linkService([SPOKE, 'other']), 'FAIL', 'unexpected-subscription'],
    ['group unread', noGroup, 'UNKNOWN', 'not-found'],
  ],
  'aks-load-balancer-sku': [
    ['Standard in any case', sku('StAnDaRd'), 'PASS', 'holds'],
    ['basic', sku('basic'), 'FAIL', 'basic-load-balancer'],
    ['absent', sku(undefined), 'UNKNOWN', 'absent-field'],
    ['future', sku('Gateway'), 'UNKNOWN', 'unrecognised-value'],
    [
      "the cluster's own sku Basic is not the balancer's",
      (world) => {
        world.cluster['sku'] = { name: 'Basic', tier: 'Free' };
      },
      'PASS',
      'holds',
    ],
  ],
};

function sku(value: unknown) {
  return (world: World) => {
    (world.properties['networkProfile'] as Json)['loadBalancerSku'] = value;
  };
}

for (const [control, rows] of Object.entries(ROWS)) {
  describe(control, () => {
    test.each(rows)('%s', async (_title, change, status, reason) => {
      expect(await verdict(control, { change })).toMatchObject({ status, reason });
    });
  });
}

test('a public frontend is traced to its Service', async () => {
  const change = balancer(
    frontend('a1', { ...open, loadBalancingRules: [{ id: `${BALANCER}/loadBalancingRules/r80` }] }),
  );
  const found = await verdict('aks-load-balancer-internal', { change });
  expect(found.message).toContain('Service shop/web');
  expect(found.proof[0]?.hops?.slice(1)).toEqual(['a1', ADDRESS.toLowerCase(), '20.9.9.9', 'r80', 'Service shop/web']);
});

test('a web application firewall in front is accepted where it is declared', async () => {
  const change = both(addon, agw(open, { firewallPolicy: { id: '/x/waf' } }));
  expect(
    await verdict('aks-managed-ingress', { change, parameters: { acceptWebApplicationFirewall: true } }),
  ).toMatchObject({ status: 'PASS' });
});

test('the text of a tag, which many may write, is a word of the remedy and no command', async () => {
  const change = add(
    row(BALANCER, {
      frontendIPConfigurations: [frontend('front', { ...open, loadBalancingRules: [{ id: 'rule' }] })],
    }),
    row(ADDRESS, { ipAddress: '20.9.9.9' }, { tags: { 'k8s-azure-service': 'shop;id #/web$(id)' } }),
  );
  expect(await verdict('aks-load-balancer-internal', { change })).toMatchObject({
    status: 'FAIL',
    fix: {
      commands: [
        "kubectl annotate service --namespace 'shop;id #' 'web$(id)' service.beta.kubernetes.io/azure-load-balancer-internal=true --overwrite",
      ],
    },
  });
});
