import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { EksEvidence } from '#domain/evidence/eks.ts';
import { ec2, json, refusal } from '#estate/aws/wire.ts';
import { evidenceOf, play } from './harness.ts';
import { cluster, world } from './world.ts';

describe('one account and region', () => {
  test('an empty region costs one call', async () => {
    const { collect, server } = await play(world({ clusters: [] }));
    const collection = await collect();
    expect(collection).toMatchObject({ subjects: [], inventoryComplete: true, gaps: [], apiCalls: 1 });
    expect(server.calls.map(({ api }) => api)).toEqual(['eks:ListClusters']);
    expect(server.calls[0]?.params).toMatchObject({ include: 'all' });
  });

  test('everything that is read has the shape of the evidence, and calls are counted', async () => {
    const { collect, server } = await play(world());
    const collection = await collect();
    expect(collection.gaps).toEqual([]);
    expect(collection.apiCalls).toBe(server.calls.length);
    const evidence = evidenceOf(collection, 'alpha');
    expect(v.safeParse(EksEvidence, evidence).issues).toBeUndefined();
    expect(evidence).toMatchObject({
      arn: 'arn:aws:eks:eu-central-1:111111111111:cluster/alpha',
      cluster: { value: { endpointPublicAccess: { value: false }, vpcId: { value: 'vpc-1' } } },
      vpcCni: { state: 'listed' },
      podIdentityAssociations: { value: [{ namespace: 'apps', serviceAccount: 'shop' }] },
      rolePolicies: { value: ['AmazonEKSClusterPolicy'] },
      instances: { value: [{ id: 'i-self', subnetId: 'subnet-1', publicAddress: false }] },
      network: {
        vpcs: { value: [{ id: 'vpc-1', nameServers: { value: ['AmazonProvidedDNS'] } }] },
        prefixLists: { value: [{ id: 'pl-own', cidrs: ['10.8.0.0/16'] }] },
        instanceTypes: { value: [{ name: 'm5.large', interfaces: 3, addressesPerInterface: 10 }] },
      },
    });
  });

  test('user data is reduced to whether it sets a proxy', async () => {
    const { collect } = await play(world());
    const text = JSON.stringify(await collect());
    expect(text).toContain('"setsProxy":{"state":"given","value":true}');
    expect(text).not.toContain('hunter2');
    expect(text).not.toContain('proxy:3128');
  });

  test('101 clusters on two pages are all read, and the network once for all', async () => {
    const names = Array.from({ length: 101 }, (_, index) => `c${index}`);
    const { collect, server } = await play(
      world({
        answers: {
          'eks:ListClusters': ({ params }) =>
            params['nextToken'] === undefined
              ? json({ clusters: names.slice(0, 100), nextToken: 'more' })
              : json({ clusters: names.slice(100) }),
        },
      }),
    );
    const collection = await collect();
    expect(collection.subjects).toHaveLength(101);
    expect(collection.gaps).toEqual([]);
    for (const api of [
      'ec2:DescribeSubnets',
      'ec2:DescribeVpcs',
      'ec2:DescribeRouteTables',
      'ec2:DescribeVpcEndpoints',
    ]) {
      expect([api, server.count(api)]).toEqual([api, 1]);
    }
    // One template for all groups is one question.
    expect(server.count('ec2:DescribeLaunchTemplateVersions')).toBe(1);
  });

  test('an empty page with a token is not the end; a token that repeats ends the reading as malformed', async () => {
    const { collect } = await play(
      world({
        answers: {
          'eks:ListClusters': ({ params }) =>
            params['nextToken'] === undefined
              ? json({ clusters: [], nextToken: 'more' })
              : json({ clusters: ['alpha'] }),
          'ec2:DescribeSecurityGroups': () =>
            ec2('DescribeSecurityGroups', { securityGroupInfo: [], nextToken: 'again' }),
        },
      }),
    );
    const collection = await collect();
    expect(collection.subjects).toHaveLength(1);
    expect(collection.gaps).toMatchObject([{ reason: 'malformed-answer', api: 'ec2:DescribeSecurityGroups' }]);
  });

  test('a cluster that vanishes between list and description is left out without a gap; DELETING too', async () => {
    const { collect } = await play(
      world({
        clusters: ['alpha', 'gone', 'going'],
        answers: {
          'eks:DescribeCluster': ({ params }) =>
            params['name'] === 'gone'
              ? refusal('eks', 'ResourceNotFoundException', 404)
              : params['name'] === 'going'
                ? json({ cluster: { ...cluster('going'), status: 'DELETING' } })
                : undefined,
        },
      }),
    );
    const collection = await collect();
    expect(collection.subjects.map(({ resource }) => resource.name)).toEqual(['alpha']);
    expect(collection).toMatchObject({ gaps: [], inventoryComplete: true });
  });

  test('a cluster that is listed but may not be described stays a subject, with a gap and its neighbours whole', async () => {
    const { collect } = await play(
      world({
        clusters: ['alpha', 'secret'],
        answers: {
          'eks:DescribeCluster': ({ params }) =>
            params['name'] === 'secret' ? refusal('eks', 'AccessDeniedException', 403) : undefined,
        },
      }),
    );
    const collection = await collect();
    expect(evidenceOf(collection, 'secret').cluster).toMatchObject({ state: 'unavailable', reason: 'denied' });
    expect(evidenceOf(collection, 'alpha').cluster.state).toBe('collected');
    expect(evidenceOf(collection, 'alpha').neighbours).toMatchObject([
      { name: 'secret', groups: { state: 'unavailable', reason: 'denied' } },
    ]);
    expect(collection.gaps).toMatchObject([
      { reason: 'denied', api: 'eks:DescribeCluster', resource: expect.stringMatching(/cluster\/secret$/) },
    ]);
  });

  test('a cluster of 2018 without flags, groups, logging or network configuration', async () => {
    const { collect } = await play(
      world({
        clusters: ['old', 'bare', 'connected'],
        answers: {
          'eks:DescribeCluster': ({ params }) =>
            json({
              cluster: {
                old: {
                  name: 'old',
                  status: 'ACTIVE',
                  version: '1.10',
                  resourcesVpcConfig: { subnetIds: ['subnet-1'], securityGroupIds: ['sg-9'], vpcId: 'vpc-1' },
                },
                bare: { name: 'bare' },
                connected: { name: 'connected', status: 'ACTIVE', connectorConfig: { provider: 'OTHER' } },
              }[params['name'] ?? ''],
            }),
        },
      }),
    );
    const collection = await collect();
    for (const { evidence } of collection.subjects) expect(v.safeParse(EksEvidence, evidence).issues).toBeUndefined();
    expect(evidenceOf(collection, 'old').cluster).toMatchObject({
      value: {
        endpointPublicAccess: { state: 'absent' },
        endpointPrivateAccess: { state: 'absent' },
        clusterSecurityGroupId: { state: 'absent' },
        enabledLogs: { state: 'absent' },
      },
    });
    expect(evidenceOf(collection, 'bare').cluster).toMatchObject({ value: { subnetIds: { state: 'absent' } } });
    expect(evidenceOf(collection, 'connected').cluster).toMatchObject({ value: { kind: 'connected' } });
  });

  test('the VPC comes from the subnets where the cluster does not name it', async () => {
    const { collect } = await play(
      world({
        answers: {
          'eks:DescribeCluster': () =>
            json({
              cluster: {
                ...cluster('alpha'),
                resourcesVpcConfig: { subnetIds: ['subnet-1'], endpointPrivateAccess: true },
              },
            }),
        },
      }),
    );
    expect(evidenceOf(await collect(), 'alpha').network.vpcs).toMatchObject({ value: [{ id: 'vpc-1' }] });
  });
});
