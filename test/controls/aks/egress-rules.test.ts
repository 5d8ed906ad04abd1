import { describe, expect, test } from 'vitest';
import {
  FIREWALL,
  HUB,
  type Json,
  NODES,
  PODS,
  route,
  row,
  rowOf,
  subnetOf,
  TABLE,
} from '#test/collectors/azure/world.ts';
import { both, type Change, network, outbound, routes, without } from './changes.ts';
import { verdict } from './verdicts.ts';

type Row = readonly [title: string, change: Change, status: string, reason: string];

const HUB_GROUP = `/subscriptions/${HUB}/resourceGroups/rg-hub/providers/Microsoft.Network`;
const POLICY = `${HUB_GROUP}/firewallPolicies/child`;
const PARENT = `${HUB_GROUP}/firewallPolicies/parent`;
const IP_GROUP = `${HUB_GROUP}/ipGroups/nodes`;

const networkRule = (name: string, extra: Json = {}): Json => ({
  name,
  protocols: ['TCP'],
  sourceAddresses: ['10.1.0.0/16'],
  destinationAddresses: ['20.5.0.0/24'],
  destinationPorts: ['443'],
  ...extra,
});
const ANY = { destinationAddresses: ['*'], destinationPorts: ['*'], protocols: ['Any'] };
const classic = (priority: number, action: string, ...rules: Json[]): Json => ({
  name: `${action.toLowerCase()}${priority}`,
  properties: { priority, action: { type: action }, rules },
});
const rules =
  (kind: string, ...collections: Json[]): Change =>
  (world) => {
    rowOf(world, FIREWALL)[`${kind}RuleCollections`] = collections;
  };
const website = (...targetFqdns: string[]): Json => ({
  name: 'web',
  sourceAddresses: ['*'],
  protocols: [{ protocolType: 'Https', port: 443 }],
  targetFqdns,
});
const toHalf = (half: string) => networkRule('half', { destinationAddresses: [half] });

/** A policy whose groups are read by their own list, perhaps with a parent. */
const policy =
  (groups: Json[], parent?: Json[]): Change =>
  (world) => {
    rowOf(world, FIREWALL)['firewallPolicy'] = { id: POLICY };
    world.rows.push(
      row(POLICY, { threatIntelMode: 'Alert', ...(parent === undefined ? {} : { basePolicy: { id: PARENT } }) }),
    );
    world.ruleGroups[POLICY] = groups;
    if (parent === undefined) return;
    world.rows.push(row(PARENT, { threatIntelMode: 'Alert' }));
    world.ruleGroups[PARENT] = parent;
  };
const group = (priority: number, action: string, ...list: Json[]): Json => ({
  name: `g${priority}`,
  properties: {
    priority,
    ruleCollections: [
      {
        name: 'c',
        priority: 100,
        ruleCollectionType: 'FirewallPolicyFilterRuleCollection',
        action: { type: action },
        rules: list.map(({ protocols, ...rule }) => ({ ruleType: 'NetworkRule', ipProtocols: protocols, ...rule })),
      },
    ],
  },
});
const ipGroup =
  (properties: Json): Change =>
  (world) => {
    world.rows.push(row(IP_GROUP, properties));
  };

const ROWS: readonly Row[] = [
  ['no rule at all: everything is denied', () => undefined, 'PASS', 'holds'],
  ['named destinations', rules('network', classic(100, 'Allow', networkRule('api'))), 'PASS', 'holds'],
  ['any to any', rules('network', classic(100, 'Allow', networkRule('all', ANY))), 'FAIL', 'allow-any'],
  [
    'everything on one port',
    rules('network', classic(100, 'Allow', networkRule('all', { destinationAddresses: ['0.0.0.0/0'] }))),
    'FAIL',
    'allow-any',
  ],
  [
    'the tag Internet',
    rules('network', classic(100, 'Allow', networkRule('all', { destinationAddresses: ['Internet'] }))),
    'FAIL',
    'allow-any',
  ],
  [
    'halves in two collections',
    rules('network', classic(100, 'Allow', toHalf('0.0.0.0/1')), classic(200, 'Allow', toHalf('128.0.0.0/1'))),
    'FAIL',
    'allow-any',
  ],
  ['one half only', rules('network', classic(100, 'Allow', toHalf('0.0.0.0/1'))), 'PASS', 'holds'],
  [
    'halves on different ports',
    rules(
      'network',
      classic(100, 'Allow', toHalf('0.0.0.0/1'), { ...toHalf('128.0.0.0/1'), destinationPorts: ['80'] }),
    ),
    'PASS',
    'holds',
  ],
  [
    'denied before it is allowed',
    rules('network', classic(200, 'Allow', networkRule('all', ANY)), classic(100, 'Deny', networkRule('none', ANY))),
    'PASS',
    'holds',
  ],
  [
    'allowed before it is denied',
    rules('network', classic(100, 'Allow', networkRule('all', ANY)), classic(200, 'Deny', networkRule('none', ANY))),
    'FAIL',
    'allow-any',
  ],
  [
    'from somebody else only',
    rules('network', classic(100, 'Allow', networkRule('all', { ...ANY, sourceAddresses: ['192.168.7.0/24'] }))),
    'PASS',
    'holds',
  ],
  [
    'from the pod subnet only',
    both(
      (world) => void Object.assign(subnetOf(world, PODS), { addressPrefix: '10.1.64.0/18' }),
      rules('network', classic(100, 'Allow', networkRule('all', { ...ANY, sourceAddresses: ['10.1.64.0/18'] }))),
    ),
    'FAIL',
    'allow-any',
  ],
  ['any name', rules('application', classic(100, 'Allow', website('*'))), 'FAIL', 'allow-any'],
  [
    'named names',
    rules('application', classic(100, 'Allow', website('*.example.test', 'mcr.microsoft.com'))),
    'PASS',
    'holds',
  ],
  [
    'any name, behind a network rule that denies it',
    both(
      rules('application', classic(100, 'Allow', website('*'))),
      rules('network', classic(65000, 'Deny', networkRule('none', ANY))),
    ),
    'PASS',
    'holds',
  ],
  ['a policy that names its destinations', policy([group(200, 'Allow', networkRule('api'))]), 'PASS', 'holds'],
  ['a policy that lets everything out', policy([group(200, 'Allow', networkRule('all', ANY))]), 'FAIL', 'allow-any'],
  [
    'the parent denies first, although its priority is higher',
    policy([group(100, 'Allow', networkRule('all', ANY))], [group(60000, 'Deny', networkRule('none', ANY))]),
    'PASS',
    'holds',
  ],
  [
    'the parent lets everything out',
    policy([group(100, 'Deny', networkRule('none', ANY))], [group(60000, 'Allow', networkRule('all', ANY))]),
    'FAIL',
    'allow-any',
  ],
  ['a policy without groups denies everything', policy([]), 'PASS', 'holds'],
  [
    'a policy whose groups cannot be read',
    both(policy([]), (world) => void delete world.ruleGroups[POLICY]),
    'UNKNOWN',
    'not-found',
  ],
  [
    'a policy that names more groups than its list shows',
    both(policy([]), (world) => void Object.assign(rowOf(world, POLICY), { ruleCollectionGroups: [{ id: 'x' }] })),
    'UNKNOWN',
    'truncated',
  ],
  [
    'a parent that cannot be read',
    both(policy([]), (world) => void Object.assign(rowOf(world, POLICY), { basePolicy: { id: PARENT } })),
    'UNKNOWN',
    'not-found',
  ],
  [
    'a policy that is its own parent',
    both(policy([]), (world) => void Object.assign(rowOf(world, POLICY), { basePolicy: { id: POLICY } })),
    'UNKNOWN',
    'malformed-answer',
  ],
  [
    'an IP group that holds the nodes',
    both(
      rules(
        'network',
        classic(100, 'Allow', networkRule('all', { ...ANY, sourceAddresses: [], sourceIpGroups: [IP_GROUP] })),
      ),
      ipGroup({ ipAddresses: ['10.1.0.0/16'] }),
    ),
    'FAIL',
    'allow-any',
  ],
  [
    'an IP group of other machines',
    both(
      rules(
        'network',
        classic(100, 'Allow', networkRule('all', { ...ANY, sourceAddresses: [], sourceIpGroups: [IP_GROUP] })),
      ),
      ipGroup({ ipAddresses: ['192.168.0.0/16'] }),
    ),
    'PASS',
    'holds',
  ],
  [
    'an IP group that cannot be read, as a destination',
    rules(
      'network',
      classic(100, 'Allow', networkRule('some', { destinationAddresses: [], destinationIpGroups: [IP_GROUP] })),
    ),
    'UNKNOWN',
    'not-found',
  ],
  [
    'an IP group that cannot be read, on a rule for one port to one address',
    rules('network', classic(100, 'Allow', networkRule('some', { sourceAddresses: [], sourceIpGroups: [IP_GROUP] }))),
    'PASS',
    'holds',
  ],
  [
    'a service tag',
    rules('network', classic(100, 'Allow', networkRule('cloud', { destinationAddresses: ['AzureCloud.WestEurope'] }))),
    'PASS',
    'holds',
  ],
  [
    'a tag that nobody knows',
    rules('network', classic(100, 'Allow', networkRule('cloud', { destinationAddresses: ['AzureEverything'] }))),
    'UNKNOWN',
    'unrecognised-value',
  ],
  [
    'an action that nobody knows',
    rules('network', classic(100, 'Forward', networkRule('all', ANY))),
    'UNKNOWN',
    'unrecognised-value',
  ],
  ['no default route to a firewall', routes(), 'NOT_APPLICABLE', 'no-firewall'],
  [
    'a route to another outbound type still leads through the firewall',
    both(outbound('loadBalancer'), rules('network', classic(100, 'Allow', networkRule('all', ANY)))),
    'FAIL',
    'allow-any',
  ],
  ['the firewall was deleted', without(FIREWALL), 'NOT_APPLICABLE', 'no-firewall'],
];

describe('aks-egress-rules', () => {
  test.each(ROWS)('%s', async (_title, change, status, reason) => {
    expect(await verdict('aks-egress-rules', { change })).toMatchObject({ status, reason });
  });

  test.each(['natRuleCollections', 'networkRuleCollections', 'applicationRuleCollections'])(
    'without %s in the answer nothing is decided',
    async (key) => {
      const change: Change = (world) => {
        delete rowOf(world, FIREWALL)[key];
      };
      expect(await verdict('aks-egress-rules', { change })).toMatchObject({
        status: 'UNKNOWN',
        reason: 'absent-field',
      });
    },
  );

  test('PASS lists what is allowed and what was not looked at', async () => {
    const change = both(
      rules('network', classic(100, 'Allow', networkRule('api'))),
      rules('application', classic(100, 'Allow', website('mcr.microsoft.com'))),
    );
    const { message, proof } = await verdict('aks-egress-rules', { change });
    expect(message).toBe('the firewall fw lets out only what 2 rules name');
    const lines = proof.map(({ line }) => line);
    expect(lines).toContain('allowed: tcp 443 to 20.5.0.0/24 (fw/allow100/api)');
    expect(lines).toContain('allowed: https:443 to mcr.microsoft.com (fw/allow100/web)');
    expect(lines).toContainEqual(expect.stringMatching(/^not looked at: .*infrastructure rules/));
  });

  test('the FAIL names the rule, and its fix only shows', async () => {
    const change = policy([group(200, 'Allow', networkRule('all', ANY))]);
    const found = await verdict('aks-egress-rules', { change });
    expect(found).toMatchObject({
      message: expect.stringContaining('(child/g200/c/all)'),
      fix: { commands: [expect.stringMatching(/^az network firewall policy rule-collection-group list /)] },
    });
  });

  test('another appliance is undecided until it is declared', async () => {
    const change = both(without(FIREWALL), (world) => {
      world.rows.push(
        row(`${HUB_GROUP}/loadBalancers/nva`, {
          frontendIPConfigurations: [
            {
              properties: {
                privateIPAddress: '10.0.1.4',
                subnet: { id: `${HUB_GROUP}/virtualNetworks/hub/subnets/nva` },
              },
            },
          ],
        }),
      );
    });
    for (const control of ['aks-egress-rules', 'aks-egress-route', 'aks-egress-firewall']) {
      expect(await verdict(control, { change })).toMatchObject({
        status: 'UNKNOWN',
        reason: 'undecidable',
        message: expect.stringContaining('azure.centralEgress'),
      });
      expect(await verdict(control, { change, parameters: { centralEgress: 'inspection' } })).toMatchObject({
        status: 'PASS',
        reason: 'declared',
      });
    }
  });

  test('a range of pods counts where their plugin may keep their addresses', async () => {
    const pods = rules(
      'network',
      classic(100, 'Allow', networkRule('all', { ...ANY, sourceAddresses: ['10.244.0.0/16'] })),
    );
    expect(await verdict('aks-egress-rules', { change: pods })).toMatchObject({ status: 'PASS' });
    expect(await verdict('aks-egress-rules', { change: both(pods, network({ networkPlugin: 'none' })) })).toMatchObject(
      {
        status: 'UNKNOWN',
        reason: 'undecidable',
      },
    );
  });

  test('profile private leaves a NAT gateway alone', async () => {
    expect(
      await verdict('aks-egress-rules', { change: outbound('userAssignedNATGateway'), profile: 'private' }),
    ).toMatchObject({
      status: 'NOT_APPLICABLE',
      reason: 'profile-private',
    });
  });

  test('a dual-stack cluster is judged by both ways out', async () => {
    const change = both(
      network({ ipFamilies: ['IPv4', 'IPv6'] }),
      routes(
        route('default', '0.0.0.0/0', 'VirtualAppliance', '10.0.1.4'),
        route('six', '::/0', 'VirtualAppliance', 'fd00::9'),
      ),
    );
    expect(await verdict('aks-egress-rules', { change })).toMatchObject({ status: 'PASS' });
    expect(await verdict('aks-egress-route', { change })).toMatchObject({ status: 'FAIL', reason: 'next-hop-unknown' });
  });

  test('an unread node subnet leaves it undecided', async () => {
    const change: Change = (world) => {
      delete subnetOf(world, NODES)['addressPrefix'];
    };
    expect(await verdict('aks-egress-rules', { change })).toMatchObject({ status: 'UNKNOWN', reason: 'absent-field' });
    expect(await verdict('aks-egress-rules', { change: without(TABLE) })).toMatchObject({ status: 'UNKNOWN' });
  });
});
