import { describe, expect, test } from 'vitest';
import { egressKeysOf, unmatchedEgressKeys } from '#app/egress-keys.ts';
import type { CentralEgressDeclaration } from '#domain/central-egress.ts';
import type { Collection, Subject } from '#domain/collection.ts';
import type { TargetReport } from '#domain/run.ts';
import type { Provider, Target } from '#domain/target.ts';

const ACCOUNT = '111111111111';
const ARN = `arn:aws:eks:eu-west-1:${ACCOUNT}:cluster/prod`;
const target: Target = { id: `aws:${ACCOUNT}:eu-west-1`, provider: 'aws', account: ACCOUNT, region: 'eu-west-1' };
const collection = (uid: string, name: string, evidence: unknown): Collection => ({
  subjects: [{ kind: 'eks', resource: { uid, name, account: ACCOUNT }, evidence } as unknown as Subject],
  inventoryComplete: true,
  gaps: [],
  apiCalls: 1,
});

describe('which declarations name something of a target', () => {
  const read = collection(ARN, 'prod', { network: { vpcs: { value: [{ id: 'vpc-1' }] } } });
  const keys = (declared: CentralEgressDeclaration) => egressKeysOf({ centralEgress: { aws: declared } }, target, read);

  test('its account, its clusters, and the networks in what was read', () => {
    expect(
      keys({ [ACCOUNT]: 'none', prod: 'proxy', [ARN]: 'proxy', 'vpc-1': 'proxy', 'vpc-2': 'proxy', test: 'proxy' }),
    ).toEqual([ACCOUNT, ARN, 'prod', 'vpc-1'].toSorted());
  });

  test('an account without clusters is one that was met', () => {
    const declared = { aws: { [ACCOUNT]: 'proxy', 'vpc-1': 'proxy' } } as const;
    expect(egressKeysOf({ centralEgress: declared }, target, undefined)).toEqual([ACCOUNT]);
  });

  test('one value for all names nothing by itself, and other providers are left alone', () => {
    expect(keys('proxy')).toEqual([]);
    expect(egressKeysOf({ centralEgress: { azure: { [ACCOUNT]: 'proxy' } } }, target, read)).toEqual([]);
    expect(egressKeysOf({}, { ...target, provider: 'kubernetes' }, read)).toEqual([]);
  });

  test('a virtual network is met by the ids of its subnets, in any case', () => {
    const network = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/Hub';
    const pools = collection('/subscriptions/s/x', 'aks', {
      pools: [{ subnetId: `${network}/subnets/nodes`.toLowerCase() }],
    });
    expect(
      egressKeysOf(
        { centralEgress: { azure: { [network]: 'proxy', [`${network}2`]: 'proxy' } } },
        { id: 'azure:s', provider: 'azure', account: 's' },
        pools,
      ),
    ).toEqual([network]);
  });
});

describe('what no target of a run answers to', () => {
  const report = (provider: Provider, egressKeys?: readonly string[]): TargetReport => ({
    target: { id: `${provider}:x`, provider, account: 'x' },
    status: 'complete',
    apiCalls: 1,
    durationMs: 1,
    ...(egressKeys === undefined ? {} : { egressKeys }),
  });
  const centralEgress = {
    aws: { all: 'none', 'vpc-1': 'proxy', 'vpc-2': 'proxy' },
    azure: { gone: 'proxy' },
    ibm: 'proxy',
  } as const;

  test('is named with its key, for the providers that were scanned', () => {
    expect(unmatchedEgressKeys({ centralEgress }, [report('aws'), report('aws', ['vpc-2']), report('ibm')])).toEqual([
      'aws.centralEgress.vpc-1',
    ]);
    expect(unmatchedEgressKeys({ centralEgress }, [report('azure')])).toEqual(['azure.centralEgress.gone']);
    expect(unmatchedEgressKeys({}, [report('aws')])).toEqual([]);
  });
});
