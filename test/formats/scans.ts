import type { Finding } from '#domain/finding.ts';
import type { Run, TargetReport } from '#domain/run.ts';
import type { ScanOutput } from '#formats/result.ts';

export const EVALUATED_AT = '2026-11-24T06:00:05.000Z';

export const EKS = {
  uid: 'arn:aws:eks:eu-central-1:111111111111:cluster/shop',
  type: 'aws.eks.cluster',
  provider: 'aws',
  account: '111111111111',
  region: 'eu-central-1',
  name: 'shop',
} as const;

export const AKS = {
  uid: '/subscriptions/s1/resourcegroups/rg/providers/microsoft.containerservice/managedclusters/pay',
  type: 'azure.aks.cluster',
  provider: 'azure',
  account: 's1',
  region: 'westeurope',
  name: 'pay',
} as const;

export const IBM_ACCOUNT = {
  uid: 'ibm:account:acc1',
  type: 'ibm.account',
  provider: 'ibm',
  account: 'acc1',
  region: '',
  name: 'acc1',
} as const;

/** An open EKS endpoint; a test states only what differs. */
export function finding(differs: Partial<Finding> = {}): Finding {
  return {
    id: 'f1',
    control: 'eks-endpoint-public',
    title: 'The Kubernetes API of the cluster is not reachable from the internet',
    status: 'FAIL',
    severity: 'CRITICAL',
    reason: 'public-open',
    message: 'the public endpoint is open to everybody',
    resource: EKS,
    target: 'aws:111111111111:eu-central-1',
    proof: [
      { kind: 'fact', line: 'endpointPublicAccess is true', source: { api: 'eks:DescribeCluster', at: EVALUATED_AT } },
      { kind: 'fact', line: 'publicAccessCidrs is 0.0.0.0/0' },
    ],
    remediation: 'Switch the private endpoint on, then the public one off.',
    evaluatedAt: EVALUATED_AT,
    ...differs,
  };
}

export const RUN: Run = {
  id: 'run-1',
  startedAt: '2026-11-24T06:00:00.000Z',
  endedAt: '2026-11-24T06:00:09.000Z',
  status: 'partial',
  targets: { planned: 2, complete: 1, partial: 0, failed: 1, skipped: 0 },
  apiCalls: 9,
};

const TARGETS: readonly TargetReport[] = [
  {
    target: { id: 'aws:111111111111:eu-central-1', provider: 'aws', account: '111111111111', region: 'eu-central-1' },
    status: 'complete',
    apiCalls: 9,
    durationMs: 800,
  },
  {
    target: { id: 'azure:s2', provider: 'azure', account: 's2' },
    status: 'failed',
    reason: 'denied',
    message: 'not allowed to list <clusters>',
    apiCalls: 0,
    durationMs: 20,
  },
];

export function scan(...findings: readonly Finding[]): ScanOutput {
  return { run: RUN, targets: TARGETS, findings };
}

/** One finding of every status. */
export const EVERY_STATUS: readonly Finding[] = [
  finding(),
  finding({ id: 'f2', control: 'eks-endpoint-private', status: 'PASS', severity: 'HIGH', reason: 'holds' }),
  finding({
    id: 'f3',
    control: 'aks-api-private',
    status: 'UNKNOWN',
    reason: 'denied',
    resource: AKS,
    target: 'azure:s1',
  }),
  finding({
    id: 'f4',
    control: 'ibm-account-vrf',
    status: 'NOT_APPLICABLE',
    severity: 'HIGH',
    reason: 'no-clusters',
    resource: IBM_ACCOUNT,
    target: 'ibm:acc1',
  }),
];

export const EXCEPTION = {
  control: 'eks-endpoint-public',
  resource: EKS.uid,
  owner: 'platform@example.com',
  reason: 'until the VPN stands',
  expires: '2027-03-31',
} as const;

/** A target that is rightly not scanned. */
export const SKIPPED: TargetReport = {
  target: { id: 'aws:555555555555', provider: 'aws', account: '555555555555' },
  status: 'skipped',
  message: 'the account is SUSPENDED',
  apiCalls: 0,
  durationMs: 0,
};
