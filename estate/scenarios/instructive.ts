import { eks } from '../aws/model.ts';
import { aks } from '../azure/model.ts';
import { iks } from '../ibm/model.ts';
import type { Scenario } from '../scenario.ts';

/** A dozen clusters, each of them a sentence; `expected` says what a scan must find of it. Tests, demo and benchmarks share it. */
export function instructive(): Scenario {
  return {
    aws: {
      hub: '111122223333',
      externalId: 'ringfence-demo',
      roleName: 'RingfenceScanner',
      regions: ['ap-northeast-1', 'eu-central-1', 'us-east-1'],
      accounts: [
        { id: '111122223333', name: 'security-hub', state: 'ACTIVE', trusts: true, clusters: [] },
        {
          id: '222233334444',
          name: 'payments',
          state: 'ACTIVE',
          trusts: true,
          clusters: [
            eks('payments-prod', 'closed correctly: private API, no way out, every endpoint works', 'ap-northeast-1'),
            eks('payments-s3', 'the S3 gateway is missing on one route table', 'ap-northeast-1', { s3: 'one' }),
            eks('payments-names', 'only ec2messages is there, which is not ec2', 'eu-central-1', {
              endpoints: ['ec2messages', 'ecr.api', 'ecr.dkr'],
            }),
            eks('payments-halves', 'the public endpoint is open by 0.0.0.0/1 and 128.0.0.0/1', 'eu-central-1', {
              publicAccess: true,
              publicCidrs: ['0.0.0.0/1', '128.0.0.0/1'],
            }),
          ],
        },
        {
          id: '333344445555',
          name: 'analytics',
          state: 'ACTIVE',
          trusts: true,
          clusters: [
            eks('analytics-nat', 'a private NAT gateway leads to no internet', 'us-east-1', { egress: 'private-nat' }),
            eks('analytics-igw', 'an internet gateway route that Block Public Access makes harmless', 'us-east-1', {
              egress: 'blocked-internet-gateway',
            }),
            eks('analytics-tgw', 'a transit gateway leads where this role cannot see', 'us-east-1', {
              egress: 'transit-gateway',
              endpoints: ['ecr.api', 'ecr.dkr'],
            }),
          ],
        },
        { id: '444455556666', name: 'acquired', state: 'ACTIVE', trusts: false, clusters: [] },
        { id: '555566667777', name: 'closing', state: 'SUSPENDED', trusts: false, clusters: [] },
      ],
    },
    azure: {
      tenant: '72f988bf-0000-0000-0000-2d7cd011db47',
      subscriptions: [
        {
          id: 'aaaaaaaa-1111-4111-8111-111111111111',
          name: 'retail',
          state: 'Enabled',
          clusters: [
            aks(
              'retail-prod',
              'closed correctly: private API, user-defined routing through a firewall with rules for what it needs',
              'japaneast',
              { firewallRules: 'policy' },
            ),
            aks('retail-anywhere', 'closed but for its firewall, whose rules let everything out', 'japaneast', {
              firewallRules: 'everything',
            }),
            aks('retail-route', 'userDefinedRouting with no default route', 'japaneast', { defaultRoute: 'none' }),
            aks('retail-vnet', 'API server VNet integration that is not private', 'japaneast', {
              privateApi: false,
              vnetIntegration: true,
            }),
          ],
        },
        {
          id: 'bbbbbbbb-2222-4222-8222-222222222222',
          name: 'logistics',
          state: 'Enabled',
          clusters: [
            aks('logistics-none', 'outbound none without network isolation', 'westeurope', { outboundType: 'none' }),
            aks('logistics-shop', 'a Service of type LoadBalancer with a public address', 'westeurope', {
              publicFrontend: true,
            }),
          ],
        },
      ],
    },
    ibm: {
      accounts: [
        {
          id: '0a1b2c3d4e5f60718293a4b5c6d7e8f9',
          name: 'core-banking',
          apiKey: 'simulated-key-one',
          privateNetwork: 'connected',
          clusters: [
            iks(
              'c8k2p1rt0d5vq3m7n4sa',
              'core-prod',
              'closed correctly: VRF, service endpoints, private endpoint alone',
            ),
            iks('c8k2p1rt0d5vq3m7n4sb', 'core-ocp', 'OpenShift on classic infrastructure cannot be private', {
              openshift: true,
              publicEndpoint: true,
            }),
          ],
        },
        {
          id: '1b2c3d4e5f60718293a4b5c6d7e8f90a',
          name: 'branch-office',
          apiKey: 'simulated-key-two',
          privateNetwork: 'not-ready',
          clusters: [iks('c8k2p1rt0d5vq3m7n4sc', 'branch-prod', 'private endpoint but no VRF')],
        },
      ],
    },
    expected: [
      ['payments-prod', 'eks-vpc-endpoints', 'PASS', 'holds'],
      ['payments-prod', 'eks-node-egress', 'PASS', 'holds'],
      ['payments-s3', 'eks-vpc-endpoints', 'FAIL', 'route-table-not-associated'],
      ['payments-names', 'eks-vpc-endpoints', 'FAIL', 'missing'],
      ['payments-halves', 'eks-endpoint-public', 'FAIL', 'public-open'],
      ['analytics-nat', 'eks-node-egress', 'PASS', 'holds'],
      ['analytics-igw', 'eks-node-egress', 'PASS', 'holds'],
      ['analytics-tgw', 'eks-node-egress', 'UNKNOWN', 'undecidable'],
      ['analytics-tgw', 'eks-vpc-endpoints', 'UNKNOWN', 'undecidable'],
      ['retail-prod', 'aks-outbound-type', 'PASS', 'holds'],
      ['retail-route', 'aks-egress-route', 'FAIL', 'no-default-route'],
      ['retail-vnet', 'aks-api-private', 'FAIL', 'public-open'],
      ['logistics-none', 'aks-outbound-type', 'FAIL', 'artifacts-direct'],
      ['logistics-shop', 'aks-load-balancer-internal', 'FAIL', 'public-frontend'],
      ['core-prod', 'iks-closed', 'PASS', 'holds'],
      ['core-ocp', 'iks-public-endpoint', 'FAIL', 'public-on'],
      ['branch-prod', 'iks-closed', 'FAIL', 'not-closed'],
      ['branch-office', 'ibm-account-vrf', 'FAIL', 'not-ready'],
    ],
  };
}
