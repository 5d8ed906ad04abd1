import type { AksSpec } from './model.ts';

type Json = Readonly<Record<string, unknown>>;

const NODES = '10.1.0.0/24';

/** Rules on the firewall itself: everything is denied, or everything let out. A policy holds its rules elsewhere. */
export function classicRules({ firewallRules }: AksSpec): Json {
  const everything = {
    name: 'out',
    properties: {
      priority: 100,
      action: { type: 'Allow' },
      rules: [
        {
          name: 'everything',
          protocols: ['Any'],
          sourceAddresses: ['*'],
          destinationAddresses: ['*'],
          destinationPorts: ['*'],
        },
      ],
    },
  };
  return {
    natRuleCollections: [],
    networkRuleCollections: firewallRules === 'everything' ? [everything] : [],
    applicationRuleCollections: [],
  };
}

/** What AKS needs and what the shop needs, and nothing else: the rules of a policy, as its own list shows them. */
export function policyRules(ipGroup: string): readonly Json[] {
  return [
    {
      name: 'aks',
      properties: {
        priority: 200,
        ruleCollections: [
          {
            name: 'platform',
            priority: 100,
            ruleCollectionType: 'FirewallPolicyFilterRuleCollection',
            action: { type: 'Allow' },
            rules: [
              {
                ruleType: 'NetworkRule',
                name: 'time',
                ipProtocols: ['UDP'],
                sourceIpGroups: [ipGroup],
                destinationFqdns: ['ntp.ubuntu.com'],
                destinationPorts: ['123'],
              },
            ],
          },
          {
            name: 'names',
            priority: 200,
            ruleCollectionType: 'FirewallPolicyFilterRuleCollection',
            action: { type: 'Allow' },
            rules: [
              {
                ruleType: 'ApplicationRule',
                name: 'aks',
                sourceIpGroups: [ipGroup],
                fqdnTags: ['AzureKubernetesService'],
                protocols: [{ protocolType: 'Https', port: 443 }],
              },
              {
                ruleType: 'ApplicationRule',
                name: 'payments',
                sourceAddresses: [NODES],
                targetFqdns: ['api.payments.example'],
                protocols: [{ protocolType: 'Https', port: 443 }],
              },
            ],
          },
        ],
      },
    },
  ];
}

export const NODE_GROUP_OF_ADDRESSES: Json = { ipAddresses: [NODES] };
