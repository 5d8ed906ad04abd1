import { describe, expect, test } from 'vitest';
import { ec2, json, OWN_ACCOUNT, refusal } from '#estate/aws/wire.ts';
import { context, evidenceOf, play, targetIn } from './harness.ts';
import { cluster, REGION, world } from './world.ts';

const A = '222222222222';
const B = '333333333333';
const role = { roleName: 'Scanner', externalId: 'ext-id' };

describe('planning', () => {
  test('the own account: two calls, every enabled region, none that is not opted in', async () => {
    const { provider, server } = await play(world());
    const planned = await provider.plan(context());
    expect(planned.targets.map(({ target }) => target.id)).toEqual([
      `aws:${OWN_ACCOUNT}:ap-south-1`,
      `aws:${OWN_ACCOUNT}:${REGION}`,
    ]);
    expect(planned.apiCalls).toBe(2);
    expect(server.calls.map(({ api }) => api)).toEqual(['sts:GetCallerIdentity', 'ec2:DescribeRegions']);
  });

  test('one account behind a role: two calls, with external id, at the regional STS, regions asked with its keys', async () => {
    const { provider, server } = await play(world(), { accounts: [A], ...role });
    const planned = await provider.plan(context());
    expect(planned.apiCalls).toBe(2);
    expect(server.calls).toMatchObject([
      {
        api: 'sts:AssumeRole',
        region: REGION,
        params: { ExternalId: 'ext-id', RoleArn: `arn:aws:iam::${A}:role/Scanner` },
      },
      { api: 'ec2:DescribeRegions', account: A },
    ]);
    expect(server.calls[0]?.params['RoleSessionName']).toMatch(/^[\w+=,.@-]{2,64}$/);
  });

  test('targets of an account enter it once', async () => {
    const { provider, server } = await play(world({ clusters: [] }), { accounts: [A], ...role });
    await Promise.all([1, 2, 3, 4].map(() => provider.collect(targetIn(REGION, A), context())));
    expect(server.count('sts:AssumeRole')).toBe(1);
    expect(server.calls.filter(({ api }) => api === 'eks:ListClusters').map(({ account }) => account)).toEqual([
      A,
      A,
      A,
      A,
    ]);
  });

  test('keys about to expire are renewed', async () => {
    const soon = new Date(Date.now() + 60_000).toISOString();
    const { provider, server } = await play(
      world({
        clusters: [],
        answers: {
          'sts:AssumeRole': () => ({
            body: `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIA${A}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>${soon}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`,
          }),
        },
      }),
      { accounts: [A], ...role },
    );
    await provider.collect(targetIn(REGION, A), context());
    const once = server.count('sts:AssumeRole');
    await provider.collect(targetIn(REGION, A), context());
    expect(server.count('sts:AssumeRole')).toBeGreaterThan(once);
  });

  test('a configured region that is disabled, or unknown, is a target with a failure', async () => {
    const { provider } = await play(world(), { regions: [REGION, 'ap-east-1', 'xx-nowhere-1'] });
    const { targets } = await provider.plan(context());
    expect(targets.map(({ target, failure }) => [target.region, failure?.reason])).toEqual([
      ['ap-east-1', 'region-disabled'],
      [REGION, undefined],
      ['xx-nowhere-1', 'region-disabled'],
    ]);
  });

  test('an account that cannot be entered fails alone', async () => {
    const { provider } = await play(
      world({
        answers: {
          'sts:AssumeRole': ({ params }) =>
            params['RoleArn']?.includes(A) === true ? refusal('sts', 'AccessDenied', 403) : undefined,
        },
      }),
      { accounts: [A, B], regions: [REGION], ...role },
    );
    const { targets } = await provider.plan(context());
    expect(targets.map(({ target, failure }) => [target.id, failure?.reason])).toEqual([
      [`aws:${A}`, 'denied'],
      [`aws:${B}:${REGION}`, undefined],
    ]);
  });

  test('regions that cannot be listed: the account fails; the regions that are configured are read all the same', async () => {
    const answers = { 'ec2:DescribeRegions': () => refusal('ec2', 'UnauthorizedOperation', 403) };
    const all = await (await play(world({ answers }))).provider.plan(context());
    expect(all.targets).toMatchObject([{ target: { id: `aws:${OWN_ACCOUNT}` }, failure: { reason: 'denied' } }]);
    const some = await (await play(world({ answers }), { regions: [REGION] })).provider.plan(context());
    expect(some.targets).toMatchObject([
      { target: { id: `aws:${OWN_ACCOUNT}` }, failure: { reason: 'denied' } },
      { target: { id: `aws:${OWN_ACCOUNT}:${REGION}` } },
    ]);
  });

  test('without a role no other account is read with the caller’s keys', async () => {
    const { provider } = await play(world(), { accounts: [OWN_ACCOUNT, A], regions: [REGION] });
    const { targets } = await provider.plan(context());
    expect(targets).toMatchObject([
      { target: { id: `aws:${OWN_ACCOUNT}:${REGION}` } },
      { target: { id: `aws:${A}` }, failure: { reason: 'denied' } },
    ]);
  });
});

describe('what was scanned and is not listed any more', () => {
  const everywhere = { organization: true, ...role };
  const lists = (...ids: readonly string[]) =>
    world({
      answers: { 'organizations:ListAccounts': () => json({ Accounts: ids.map((Id) => ({ Id, State: 'ACTIVE' })) }) },
    });
  const refused = world({
    answers: { 'organizations:ListAccounts': () => refusal('organizations', 'AccessDeniedException', 400, 'no') },
  });
  const missing = async (
    answers: ReturnType<typeof world>,
    options: Parameters<typeof play>[1],
    target = targetIn(REGION, B),
    holds = true,
  ) => {
    const { provider } = await play(answers, options);
    return (await provider.plan(context())).missing?.(target, holds);
  };

  test('an account that left the organisation is coverage lost, once for all its regions', async () => {
    expect(await missing(lists(A), everywhere)).toEqual({
      target: { id: `aws:${B}`, provider: 'aws', account: B },
      failure: {
        reason: 'not-found',
        message: `account ${B} was scanned before, and the organization does not list it any more`,
        api: 'organizations:ListAccounts',
      },
    });
  });

  test('a region that was switched off keeps its clusters', async () => {
    const target = targetIn('me-south-1', A);
    expect(await missing(lists(A), everywhere, target)).toEqual({
      target,
      failure: {
        reason: 'region-disabled',
        message: "clusters were seen in me-south-1, which is not among the account's enabled regions any more",
        api: 'ec2:DescribeRegions',
      },
    });
  });

  test.each([
    ['it held no cluster', lists(A), everywhere, targetIn(REGION, B), false],
    ['the organisation could not be listed, which says it for all', refused, everywhere, targetIn(REGION, B), true],
    ['the configuration names its accounts', lists(), { accounts: [A], ...role }, targetIn(REGION, B), true],
    [
      'the configuration names its regions',
      lists(A),
      { ...everywhere, regions: [REGION] },
      targetIn('me-south-1', A),
      true,
    ],
    ['the account is refused as a whole', lists(A, B), { organization: true }, targetIn('me-south-1', B), true],
  ] as const)('is no loss of its own when %s', async (_case, answers, options, target, holds) => {
    expect(await missing(answers, options, target, holds)).toBeUndefined();
  });
});

describe('an organisation', () => {
  const organization = { organization: true, regions: [REGION], ...role };

  test('an empty page with a token is not the end; State wins over Status; others are skipped with their state', async () => {
    const { provider } = await play(
      world({
        answers: {
          'organizations:ListAccounts': ({ params }) =>
            params['NextToken'] === undefined
              ? json({ Accounts: [], NextToken: 'x' })
              : json({
                  Accounts: [
                    { Id: A, Name: 'payments', Status: 'ACTIVE' },
                    { Id: B, Name: 'old', State: 'PENDING_CLOSURE', Status: 'ACTIVE' },
                    { Id: '444444444444', Name: 'closed', State: 'SUSPENDED' },
                    { Id: '555555555555', Name: 'odd' },
                    { Id: '666666666666', Name: 'new', State: 'RESTORING' },
                  ],
                }),
        },
      }),
      organization,
    );
    const { targets } = await provider.plan(context());
    expect(targets).toMatchObject([
      { target: { id: `aws:${A}:${REGION}`, name: 'payments', details: { partition: 'aws' } } },
      { target: { id: `aws:${B}` }, skipped: 'the account is PENDING_CLOSURE' },
      { target: { id: 'aws:444444444444' }, skipped: 'the account is SUSPENDED' },
      // A state that is absent, or that nobody knows, hides nothing.
      { target: { id: `aws:555555555555:${REGION}`, name: 'odd' } },
      { target: { id: `aws:666666666666:${REGION}`, name: 'new' } },
    ]);
    for (const index of [0, 3, 4]) expect(targets[index]).toEqual({ target: expect.anything() });
  });

  test('units are walked to their children; an excluded one is left out with all below it', async () => {
    const units: Record<string, readonly string[]> = {
      'ou-prod': ['ou-prod-eu', 'ou-prod-test'],
      'ou-prod-eu': [],
      'ou-prod-test': [],
    };
    const accounts: Record<string, readonly string[]> = {
      'ou-prod': [A],
      'ou-prod-eu': [B],
      'ou-prod-test': ['444444444444'],
    };
    const { provider } = await play(
      world({
        answers: {
          'organizations:ListAccountsForParent': ({ params }) =>
            json({ Accounts: (accounts[params['ParentId'] ?? ''] ?? []).map((Id) => ({ Id, State: 'ACTIVE' })) }),
          'organizations:ListOrganizationalUnitsForParent': ({ params }) =>
            json({ OrganizationalUnits: (units[params['ParentId'] ?? ''] ?? []).map((Id) => ({ Id })) }),
        },
      }),
      { ...organization, organizationalUnits: { include: ['ou-prod'], exclude: ['ou-prod-test'] } },
    );
    const { targets } = await provider.plan(context());
    expect(targets.map(({ target }) => target.account)).toEqual([A, B]);
  });

  test.each([
    ['AccessDeniedException', 'denied', /not authorized/],
    ['AWSOrganizationsNotInUseException', 'not-found', /in no organization/],
    ['TooManyRequestsException', 'throttled', /cannot be listed/],
  ])('%s makes the organisation itself a failed target', async (code, reason, message) => {
    const { provider } = await play(
      world({ answers: { 'organizations:ListAccounts': () => refusal('organizations', code, 400, 'not authorized') } }),
      organization,
    );
    const { targets } = await provider.plan(context());
    expect(targets).toMatchObject([
      { target: { id: 'aws:organization' }, failure: { reason, message: expect.stringMatching(message) } },
    ]);
  });

  test('opt-in regions are asked per account', async () => {
    const { provider } = await play(
      world({
        answers: {
          'organizations:ListAccounts': () => json({ Accounts: [A, B].map((Id) => ({ Id, State: 'ACTIVE' })) }),
          'ec2:DescribeRegions': ({ account }) =>
            ec2('DescribeRegions', {
              regionInfo: [{ regionName: 'ap-east-1', optInStatus: account === A ? 'opted-in' : 'not-opted-in' }],
            }),
        },
      }),
      { ...organization, regions: ['ap-east-1'] },
    );
    const { targets } = await provider.plan(context());
    expect(targets.map(({ target, failure }) => [target.account, failure?.reason])).toEqual([
      [A, undefined],
      [B, 'region-disabled'],
    ]);
  });
});

describe('a shared VPC', () => {
  const shared = world({ owner: B });

  test('is read with the keys of its owner when that is in scope', async () => {
    const { provider, server } = await play(shared, { accounts: [A, B], ...role });
    const { gaps } = await provider.collect(targetIn(REGION, A), context());
    expect(gaps).toEqual([]);
    const accountOf = (api: string) => server.calls.filter((call) => call.api === api).map(({ account }) => account);
    expect(accountOf('ec2:DescribeSubnets')).toEqual([A]);
    for (const api of ['ec2:DescribeVpcEndpoints', 'ec2:DescribeRouteTables', 'route53:ListHostedZonesByVPC']) {
      expect([api, accountOf(api)]).toEqual([api, [B]]);
    }
  });

  test('of an owner out of scope is not-scanned, and no gap of the target', async () => {
    const { provider, server } = await play(shared, { accounts: [A], ...role });
    const { subjects, gaps } = await provider.collect(targetIn(REGION, A), context());
    expect(subjects[0]?.evidence).toMatchObject({ network: { vpcs: { reason: 'not-scanned' } } });
    expect(gaps).toEqual([]);
    expect(server.calls.every(({ account }) => account !== B)).toBe(true);
  });

  test('that cannot be read is the trouble of the clusters in it alone', async () => {
    const subnet = (subnetId: string, vpcId: string, ownerId: string) => ({
      subnetId,
      vpcId,
      ownerId,
      cidrBlock: '10.0.0.0/24',
    });
    const { provider } = await play(
      world({
        clusters: ['shared', 'own'],
        answers: {
          'eks:DescribeCluster': ({ params: { name = '' } }) =>
            json({ cluster: { ...cluster(name), resourcesVpcConfig: { subnetIds: [`subnet-${name}`] } } }),
          'eks:ListNodegroups': () => json({ nodegroups: [] }),
          'eks:ListFargateProfiles': () => json({ fargateProfileNames: [] }),
          'ec2:DescribeInstances': () => ec2('DescribeInstances', { reservationSet: [] }),
          'ec2:DescribeSubnets': () =>
            ec2('DescribeSubnets', {
              subnetSet: [subnet('subnet-shared', 'vpc-theirs', B), subnet('subnet-own', 'vpc-1', A)],
            }),
        },
      }),
      { accounts: [A], ...role },
    );
    const collection = await provider.collect(targetIn(REGION, A), context());
    expect(evidenceOf(collection, 'shared').network).toMatchObject({
      vpcs: { reason: 'not-scanned' },
      subnets: { value: [{ id: 'subnet-shared' }] },
      // The groups of the cluster are the account's own, whoever owns the VPC.
      securityGroups: { state: 'collected' },
    });
    expect(evidenceOf(collection, 'own').network).toMatchObject({
      vpcs: { value: [{ id: 'vpc-1', routeTables: { state: 'collected' } }] },
      subnets: { value: [{ id: 'subnet-own' }] },
      natGateways: { state: 'collected' },
    });
  });
});
