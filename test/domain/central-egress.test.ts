import { describe, expect, test } from 'vitest';
import { judge } from '#controls/judge.ts';
import {
  type CentralEgressDeclaration,
  centralEgressOf,
  type DeclaredEgress,
  matchingEgressKeys,
} from '#domain/central-egress.ts';
import type { Subject } from '#domain/collection.ts';
import type { Control } from '#domain/control.ts';
import type { Settings } from '#domain/settings.ts';
import { pass } from '#domain/verdict.ts';
import { kubernetesEvidence, subjectOf } from '../controls/kubernetes/evidence.ts';

const ACCOUNT = '111111111111';
const ARN = `arn:aws:eks:eu-west-1:${ACCOUNT}:cluster/prod`;
const resource = { uid: ARN, name: 'prod', account: ACCOUNT };
const aws = (declaration: CentralEgressDeclaration | undefined, ...networks: readonly string[]): DeclaredEgress =>
  centralEgressOf('aws', declaration, { resource, networks });

describe('what is declared for a cluster and its networks', () => {
  test('without a declaration nothing is, and the key is the one to set', () => {
    expect(aws(undefined, 'vpc-1')).toEqual({ value: 'none', key: 'aws.centralEgress' });
  });

  test('one value holds for the whole provider', () => {
    expect(aws('proxy', 'vpc-1', 'vpc-2')).toEqual({ value: 'proxy', key: 'aws.centralEgress' });
  });

  const every = { all: 'proxy', [ACCOUNT]: 'inspection', 'vpc-1': 'proxy', prod: 'inspection', [ARN]: 'none' } as const;

  test.each([
    ['the ARN', every, 'none', ARN],
    ['then the name', { ...every, [ARN]: undefined }, 'inspection', 'prod'],
    ['then the network', { ...every, [ARN]: undefined, prod: undefined }, 'proxy', 'vpc-1'],
    ['then the account', { all: 'proxy', [ACCOUNT]: 'inspection', 'vpc-2': 'proxy' }, 'inspection', ACCOUNT],
    ['then everything else', { all: 'proxy', '222222222222': 'inspection' }, 'proxy', 'all'],
  ] as const)('the closest key decides: %s', (_, declaration, value, key) => {
    const given = JSON.parse(JSON.stringify(declaration)) as CentralEgressDeclaration;
    expect(aws(given, 'vpc-1')).toEqual({ value, key: `aws.centralEgress.${key}` });
  });

  test('none for a network takes back what the account declares', () => {
    expect(aws({ [ACCOUNT]: 'proxy', 'vpc-1': 'none' }, 'vpc-1')).toEqual({
      value: 'none',
      key: 'aws.centralEgress.vpc-1',
    });
  });

  test('of several networks one that is not declared decides, and is the key to set', () => {
    expect(aws({ 'vpc-1': 'proxy' }, 'vpc-1', 'vpc-2')).toEqual({ value: 'none', key: 'aws.centralEgress.vpc-2' });
    expect(aws({ 'vpc-1': 'proxy', 'vpc-2': 'inspection' }, 'vpc-1', 'vpc-2')).toEqual({
      value: 'proxy',
      key: 'aws.centralEgress.vpc-1, aws.centralEgress.vpc-2',
    });
  });

  test('what leads through no network is not declared by one', () => {
    expect(aws({ 'vpc-1': 'proxy' })).toEqual({ value: 'none', key: `aws.centralEgress.${ACCOUNT}` });
    expect(aws({ prod: 'proxy' })).toEqual({ value: 'proxy', key: 'aws.centralEgress.prod' });
  });

  test('a cluster that is named like an account or a VPC is not declared by their keys', () => {
    const named = (name: string) =>
      centralEgressOf('aws', { [name]: 'proxy' }, { resource: { ...resource, name }, networks: ['vpc-1'] }).value;
    expect(named('222222222222')).toBe('none');
    expect(named('vpc-2')).toBe('none');
    expect(named('all')).toBe('proxy');
  });

  test('ARM ids are the same in any case, and a subnet is part of its network', () => {
    const network = '/subscriptions/S/resourceGroups/RG/providers/Microsoft.Network/virtualNetworks/Spoke';
    const at = (declared: string, read: string) =>
      centralEgressOf(
        'azure',
        { [declared]: 'inspection' },
        { resource: { uid: '/subscriptions/s/x', name: 'aks', account: 's' }, networks: [read] },
      ).value;
    expect(at(network, network.toLowerCase())).toBe('inspection');
    expect(at(network.toLowerCase(), `${network}/subnets/nodes`)).toBe('inspection');
    expect(at(network, `${network}2`)).toBe('none');
    const subscription = 'ABCDEF01-0000-4000-8000-000000000001';
    expect(
      centralEgressOf(
        'azure',
        { [subscription]: 'proxy' },
        { resource: { uid: 'u', name: 'n', account: subscription.toLowerCase() }, networks: [network] },
      ),
    ).toEqual({ value: 'proxy', key: `azure.centralEgress.${subscription}` });
  });

  test('an IBM cluster is named by its id, with or without what its uid begins with', () => {
    const at = (key: string) =>
      centralEgressOf(
        'ibm',
        { [key]: 'proxy' },
        { resource: { uid: 'ibm:cluster:c1a2b3', name: 'roks', account: 'a'.repeat(32) }, networks: [] },
      ).value;
    expect(['c1a2b3', 'ibm:cluster:c1a2b3', 'roks', 'a'.repeat(32), 'all'].map(at)).toEqual(Array(5).fill('proxy'));
    expect(at('c1a2b4')).toBe('none');
  });

  test('the keys that name a place, whichever of them decided', () => {
    const keys = (declaration: CentralEgressDeclaration) =>
      matchingEgressKeys('aws', declaration, { resource, networks: ['vpc-1', 'vpc-3'] });
    expect(keys({ 'vpc-3': 'none', 'vpc-2': 'proxy', [ARN]: 'proxy', [ACCOUNT]: 'proxy', other: 'proxy' })).toEqual([
      ARN,
      ACCOUNT,
      'vpc-3',
    ]);
    expect(keys('proxy')).toEqual([]);
  });
});

describe('a control asks for what is declared', () => {
  const asking: Control = {
    id: 'eks-node-egress',
    subject: 'kubernetes',
    title: 't',
    severity: 'HIGH',
    basis: 'b',
    reference: 'r',
    remediation: 'r',
    needs: [],
    evaluate: (_, { declaredEgress }) => {
      const { value, key } = declaredEgress(['vpc-1'], 'eks-node-egress');
      const other = declaredEgress(['vpc-1'], 'eks-vpc-endpoints');
      return pass(`${value} by ${key}; ${other.value} by ${other.key}`, [], 'declared');
    },
  };
  const subject = subjectOf(kubernetesEvidence({}));
  const asked = (settings: Partial<Settings>, provider: 'aws' | 'kubernetes' = 'aws') => {
    const of = { ...subject, resource: { ...subject.resource, ...resource, provider } } as Subject;
    return judge(of, [asking], { profile: 'closed', controls: {}, ...settings })[0]?.verdict.message;
  };

  test('its own parameter beats every declaration, none included; another one may be asked for another control', () => {
    expect(asked({ centralEgress: { aws: 'proxy' }, controls: { 'eks-node-egress': { centralEgress: 'none' } } })).toBe(
      'none by controls.eks-node-egress.centralEgress; proxy by aws.centralEgress',
    );
  });

  test('without one the provider of the cluster decides', () => {
    expect(asked({ centralEgress: { azure: 'proxy', aws: { 'vpc-1': 'inspection' } } })).toBe(
      'inspection by aws.centralEgress.vpc-1; inspection by aws.centralEgress.vpc-1',
    );
    expect(asked({ centralEgress: { azure: 'proxy' } })).toBe('none by aws.centralEgress; none by aws.centralEgress');
    expect(asked({ centralEgress: { aws: 'proxy' } }, 'kubernetes')).toContain('none by controls.eks-node-egress');
  });
});
