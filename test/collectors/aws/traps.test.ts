import { describe, expect, test } from 'vitest';
import { ec2, json, OWN_ACCOUNT } from '#estate/aws/wire.ts';
import { context, evidenceOf, play, targetIn } from './harness.ts';
import { REGION, world } from './world.ts';

/** Answers that look like less than they are: taken at their word, something open would look closed or would not be looked at. */

const A = '222222222222';
const B = '333333333333';
const role = { roleName: 'Scanner', externalId: 'ext-id' };

describe('an answer that would silence a scan is a failure of its target', () => {
  test('an organisation without accounts', async () => {
    const { provider } = await play(
      world({ answers: { 'organizations:ListAccounts': () => json({ Accounts: [] }) } }),
      {
        organization: true,
        ...role,
      },
    );
    expect((await provider.plan(context())).targets).toMatchObject([
      {
        target: { id: 'aws:organization' },
        failure: { reason: 'malformed-answer', message: expect.stringContaining('lists no account') },
      },
    ]);
  });

  test.each([
    ['no region at all', []],
    ['regions of another partition only', [{ regionName: 'cn-north-1', optInStatus: 'opt-in-not-required' }]],
  ])('an account with %s', async (_case, regionInfo) => {
    const { provider } = await play(
      world({ answers: { 'ec2:DescribeRegions': () => ec2('DescribeRegions', { regionInfo }) } }),
    );
    expect((await provider.plan(context())).targets).toMatchObject([
      { target: { id: `aws:${OWN_ACCOUNT}` }, failure: { reason: 'malformed-answer' } },
    ]);
  });
});

describe('an account is planned once', () => {
  test('when units overlap', async () => {
    const { provider } = await play(
      world({
        answers: {
          'organizations:ListAccountsForParent': ({ params }) =>
            json({ Accounts: params['ParentId'] === 'ou-eu' ? [{ Id: A, State: 'ACTIVE' }] : [] }),
          'organizations:ListOrganizationalUnitsForParent': ({ params }) =>
            json({ OrganizationalUnits: params['ParentId'] === 'ou-prod' ? [{ Id: 'ou-eu' }] : [] }),
        },
      }),
      { organization: true, regions: [REGION], organizationalUnits: { include: ['ou-prod', 'ou-eu'] }, ...role },
    );
    expect((await provider.plan(context())).targets.map(({ target }) => target.id)).toEqual([`aws:${A}:${REGION}`]);
  });

  test('when it is configured twice', async () => {
    const { provider } = await play(world(), { accounts: [A, A], regions: [REGION], ...role });
    expect((await provider.plan(context())).targets).toHaveLength(1);
  });
});

test('an account that joins between two runs is in the second one', async () => {
  const members = [A];
  const { provider } = await play(
    world({
      answers: {
        'organizations:ListAccounts': () => json({ Accounts: members.map((Id) => ({ Id, State: 'ACTIVE' })) }),
      },
    }),
    { organization: true, regions: [REGION], ...role },
  );
  expect((await provider.plan(context())).targets).toHaveLength(1);
  members.push(B);
  expect((await provider.plan(context())).targets.map(({ target }) => target.account)).toEqual([A, B]);
});

test('keys that end in mid-scan are renewed before the next call, and nothing is lost', async () => {
  let entered = 0;
  const until = () => new Date(Date.now() + (entered === 1 ? 1_000 : 3_600_000)).toISOString();
  const { provider, server } = await play(
    world({
      clusters: ['alpha', 'beta'],
      answers: {
        'sts:AssumeRole': () => {
          entered += 1;
          return {
            body: `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIA${A}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>turn-${entered}</SessionToken><Expiration>${until()}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`,
          };
        },
      },
    }),
    { accounts: [A], ...role },
  );
  const { subjects, gaps } = await provider.collect(targetIn(REGION, A), context());
  expect(subjects).toHaveLength(2);
  expect(gaps).toEqual([]);
  expect(server.count('sts:AssumeRole')).toBeGreaterThan(1);
  // Role chaining: whatever is asked for, an hour is the most.
  for (const call of server.calls.filter(({ api }) => api === 'sts:AssumeRole'))
    expect(call.params['DurationSeconds']).toBe('3600');
});

describe('instances', () => {
  const tagged = (tag: { readonly key: string; readonly value: string }, change: object = {}) =>
    world({
      answers: {
        'ec2:DescribeInstances': () =>
          ec2('DescribeInstances', {
            reservationSet: [
              { instancesSet: [{ instanceId: 'i-1', subnetId: 'subnet-1', tagSet: [tag], ...change } as never] },
            ],
          }),
      },
    });
  const nodesOf = async (answers: ReturnType<typeof world>) => {
    const { collect } = await play(answers);
    return evidenceOf(await collect(), 'alpha').instances;
  };

  test.each([
    [{ key: 'kubernetes.io/cluster/alpha', value: 'owned' }],
    [{ key: 'aws:eks:cluster-name', value: 'alpha' }],
    [{ key: 'eks:eks-cluster-name', value: 'alpha' }],
  ])('by the tag $key', async (tag) => {
    expect(await nodesOf(tagged(tag))).toMatchObject({ value: [{ id: 'i-1', publicAddress: false }] });
  });

  test('of another cluster are not its own', async () => {
    expect(await nodesOf(tagged({ key: 'kubernetes.io/cluster/alphabet', value: 'owned' }))).toMatchObject({
      value: [],
    });
  });

  test('of managed groups and node pools are told apart, with every interface', async () => {
    const change = {
      instanceState: { name: 'running' },
      groupSet: [{ groupId: 'sg-1' }],
      tagSet: [
        { key: 'eks:cluster-name', value: 'alpha' },
        { key: 'eks:nodegroup-name', value: 'workers' },
        { key: 'karpenter.sh/nodepool', value: 'general' },
      ],
      networkInterfaceSet: [
        { subnetId: 'subnet-1', attachment: { deviceIndex: 0 }, groupSet: [{ groupId: 'sg-1' }] },
        { subnetId: 'subnet-pods', attachment: { deviceIndex: 1 }, groupSet: [{ groupId: 'sg-pods' }] },
      ],
    };
    expect(await nodesOf(tagged({ key: 'unused', value: '' }, change))).toMatchObject({
      value: [
        {
          id: 'i-1',
          status: { value: 'running' },
          nodeGroup: { value: 'workers' },
          nodePool: { value: 'general' },
          interfaces: [
            { subnetId: 'subnet-1', index: { value: 0 }, groupIds: ['sg-1'] },
            { subnetId: 'subnet-pods', index: { value: 1 }, groupIds: ['sg-pods'] },
          ],
        },
      ],
    });
  });

  test.each([
    ['on a second interface', { networkInterfaceSet: [{}, { association: { publicIp: '198.51.100.7' } }] }],
    [
      'on a second address of an interface',
      {
        networkInterfaceSet: [{ privateIpAddressesSet: [{}, { association: { publicIp: '198.51.100.7' } }] }],
      },
    ],
  ])('with a public address %s', async (_case, change) => {
    expect(await nodesOf(tagged({ key: 'kubernetes.io/cluster/alpha', value: 'owned' }, change))).toMatchObject({
      value: [{ publicAddress: true }],
    });
  });
});

test('an answer about another cluster is none about this one', async () => {
  const { collect } = await play(
    world({ answers: { 'eks:DescribeCluster': () => json({ cluster: { name: 'closed', status: 'ACTIVE' } }) } }),
  );
  const collection = await collect();
  expect(evidenceOf(collection, 'alpha').cluster).toMatchObject({
    state: 'unavailable',
    reason: 'malformed-answer',
    message: expect.stringContaining('about the cluster closed'),
  });
});

describe('what an answer leaves out is not made up', () => {
  test('a launch template without id and name is not "no template"', async () => {
    const { collect } = await play(
      world({
        answers: {
          'eks:DescribeNodegroup': () =>
            json({ nodegroup: { nodegroupName: 'workers', subnets: ['subnet-1'], launchTemplate: { version: '1' } } }),
        },
      }),
    );
    expect(evidenceOf(await collect(), 'alpha').nodeGroups).toMatchObject({
      value: [{ value: { launchTemplate: { use: 'template', content: { reason: 'absent-field' } } } }],
    });
  });

  test('a VPC that does not report its DHCP options has no resolver that is known', async () => {
    const { collect } = await play(
      world({ answers: { 'ec2:DescribeVpcs': () => ec2('DescribeVpcs', { vpcSet: [{ vpcId: 'vpc-1' }] }) } }),
    );
    expect(evidenceOf(await collect(), 'alpha').network.vpcs).toMatchObject({
      value: [{ nameServers: { state: 'unavailable', reason: 'absent-field' } }],
    });
  });

  test('a rule whose source does not say what it is makes the groups unreadable', async () => {
    const { collect } = await play(
      world({
        answers: {
          'ec2:DescribeSecurityGroups': () =>
            ec2('DescribeSecurityGroups', {
              securityGroupInfo: [
                { groupId: 'sg-alpha', ipPermissions: [{ ipProtocol: '-1', ipRanges: [{ description: 'all' }] }] },
              ],
            }),
        },
      }),
    );
    expect(evidenceOf(await collect(), 'alpha').network.securityGroups).toMatchObject({ reason: 'malformed-answer' });
  });

  test('an empty list of outbound rules and no list are two things', async () => {
    const { collect } = await play(
      world({
        answers: {
          'ec2:DescribeSecurityGroups': () =>
            ec2('DescribeSecurityGroups', {
              securityGroupInfo: [
                { groupId: 'sg-shut', vpcId: 'vpc-1', ipPermissionsEgress: [] },
                { groupId: 'sg-silent', vpcId: 'vpc-1' },
              ],
            }),
        },
      }),
    );
    expect(evidenceOf(await collect(), 'alpha').network.securityGroups).toMatchObject({
      value: [
        { id: 'sg-shut', egress: { state: 'given', value: [] } },
        { id: 'sg-silent', egress: { state: 'absent' } },
      ],
    });
  });
});

test('in a shared VPC the cluster’s groups are read in its own account, the endpoints’ in the owner’s', async () => {
  const { provider, server } = await play(
    world({
      owner: B,
      answers: {
        'ec2:DescribeSecurityGroups': ({ account }) =>
          ec2('DescribeSecurityGroups', {
            securityGroupInfo: [{ groupId: account === A ? 'sg-alpha' : 'sg-endpoints', vpcId: 'vpc-1' }],
          }),
      },
    }),
    { accounts: [A, B], ...role },
  );
  const collection = await provider.collect(targetIn(REGION, A), context());
  expect(evidenceOf(collection, 'alpha').network.securityGroups).toMatchObject({
    value: [{ id: 'sg-alpha' }, { id: 'sg-endpoints' }],
  });
  expect(server.count('ec2:DescribeSecurityGroups')).toBe(2);
});
