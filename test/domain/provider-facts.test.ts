import { describe, expect, test } from 'vitest';
import { isArmType, isInside, parseArmId, subscriptionOf } from '#domain/arm-id.ts';
import { BRANCHES, consoleLinkOf, normalUid, ownerOf, PROVIDER_FACTS } from '#domain/provider-facts.ts';
import { PROVIDERS, type Provider } from '#domain/target.ts';

const EKS = 'arn:aws:eks:eu-west-1:111111111111:cluster/prod';
const AKS = '/subscriptions/s1/resourcegroups/rg/providers/microsoft.containerservice/managedclusters/aks';
const IKS = 'ibm:cluster:c1a2b3';

describe('what a target id names', () => {
  test.each([
    ['aws', 'aws:organization', 'everything'],
    ['aws', 'aws:111111111111', 'account'],
    ['aws', 'aws:111111111111:eu-west-1', 'part'],
    ['aws', 'aws:11111111111', 'part'],
    ['azure', 'azure:tenant:t', 'everything'],
    ['azure', 'azure:s1', 'part'],
    ['ibm', 'ibm:enterprise:e', 'everything'],
    ['ibm', 'ibm:a1', 'part'],
    ['kubernetes', 'kubernetes:tokyo', 'part'],
    ['kubespray', 'kubespray:organization', 'part'],
  ] as const)('%s: %s is %s', (provider, id, scope) => {
    expect(PROVIDER_FACTS[provider].scopeOf(id)).toBe(scope);
  });

  test('every branch of the state machine serves a provider', () => {
    expect(new Set(PROVIDERS.map((provider) => PROVIDER_FACTS[provider].branch))).toEqual(new Set(BRANCHES));
  });
});

describe('uids', () => {
  test.each([
    [EKS, 'aws'],
    ['arn:aws-us-gov:eks:us-gov-west-1:111111111111:cluster/a', 'aws'],
    ['arn:aws:s3:::bucket', undefined],
    [AKS, 'azure'],
    ['/Subscriptions/S1', 'azure'],
    [IKS, 'ibm'],
    ['ibm:account:a', 'ibm'],
    ['kubespray:tokyo', 'kubespray'],
    ['kubernetes:tokyo', 'kubernetes'],
    ['prod', undefined],
  ] as const)('%s belongs to %s', (uid, owner) => {
    expect(ownerOf(uid)).toBe(owner);
  });

  test('an ARM id has one spelling, the others are what they are', () => {
    expect(normalUid(AKS.toUpperCase().replace('/SUBSCRIPTIONS', '/subscriptions'))).toBe(AKS);
    expect(normalUid(EKS)).toBe(EKS);
    expect(normalUid('Prod')).toBe('Prod');
  });

  test('an ARM id is taken apart whatever its case, and at any depth', () => {
    const nic =
      '/subscriptions/S/resourceGroups/RG/providers/Microsoft.Compute/virtualMachineScaleSets/v/virtualMachines/0/networkInterfaces/n';
    expect(parseArmId(nic)).toEqual({
      subscription: 'S',
      resourceGroup: 'RG',
      type: 'Microsoft.Compute/virtualMachineScaleSets',
      path: [
        { type: 'virtualMachineScaleSets', name: 'v' },
        { type: 'virtualMachines', name: '0' },
        { type: 'networkInterfaces', name: 'n' },
      ],
    });
    expect(isInside(nic, 'NetworkInterfaces')).toBe(true);
    expect(isInside(nic, 'publicIPAddresses')).toBe(false);
    expect(isArmType(nic, 'Microsoft.Compute/virtualMachineScaleSets')).toBe(false);
    expect(isArmType(AKS, 'Microsoft.ContainerService/managedClusters')).toBe(true);
    expect(subscriptionOf(nic)).toBe('s');
    for (const other of ['', '/', 'subscriptions/s', '/providers/x/y/z', '/subscriptions/']) {
      expect(parseArmId(other)).toBeUndefined();
      expect(subscriptionOf(other)).toBe('');
    }
  });
});

describe('console links', () => {
  const link = (provider: Provider, uid: string, { region = '', type = 'x' } = {}) =>
    consoleLinkOf({ provider, uid, region, type });

  test.each([
    [EKS, 'https://eu-west-1.console.aws.amazon.com/eks/clusters/prod?region=eu-west-1'],
    [
      'arn:aws-cn:eks:cn-north-1:111111111111:cluster/a',
      'https://cn-north-1.console.amazonaws.cn/eks/clusters/a?region=cn-north-1',
    ],
    [
      'arn:aws-us-gov:eks:us-gov-west-1:111111111111:cluster/a',
      'https://us-gov-west-1.console.amazonaws-us-gov.com/eks/clusters/a?region=us-gov-west-1',
    ],
    ['arn:aws-iso:eks:us-iso-east-1:111111111111:cluster/a', undefined],
  ])('AWS: %s', (uid, expected) => {
    expect(link('aws', uid)).toBe(expected);
  });

  test.each([
    ['westeurope', 'portal.azure.com'],
    ['usgovvirginia', 'portal.azure.us'],
    ['chinanorth3', 'portal.azure.cn'],
  ])('Azure: %s is looked at in %s', (region, portal) => {
    expect(link('azure', AKS, { region })).toBe(`https://${portal}/#resource${AKS}/overview`);
  });

  test('IBM Cloud: clusters, and accounts', () => {
    expect(link('ibm', IKS)).toBe('https://cloud.ibm.com/kubernetes/clusters/c1a2b3/overview');
    expect(link('ibm', 'ibm:account:a', { type: 'ibm.account' })).toBe('https://cloud.ibm.com/account/settings');
    expect(link('ibm', 'ibm:account:a', { type: 'target' })).toBeUndefined();
  });

  test('a cluster that is read from inside leads to its cloud, and one of no cloud nowhere', () => {
    expect(link('kubernetes', EKS)).toContain('console.aws.amazon.com');
    expect(link('kubernetes', 'kubernetes:tokyo')).toBeUndefined();
    expect(link('kubespray', 'kubespray:tokyo')).toBeUndefined();
    expect(link('azure', 'azure:s1', { type: 'target' })).toBeUndefined();
  });

  test('a name that is made to lead elsewhere stays a name', () => {
    expect(link('ibm', 'ibm:cluster:../../evil?x#y')).toBe(
      'https://cloud.ibm.com/kubernetes/clusters/..%2F..%2Fevil%3Fx%23y/overview',
    );
    expect(link('aws', 'arn:aws:eks:eu-west-1:111111111111:cluster/a@evil.example/')).toBeUndefined();
  });
});
