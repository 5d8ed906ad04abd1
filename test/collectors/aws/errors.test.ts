import { describe, expect, test } from 'vitest';
import { type Answer, json, refusal } from '#estate/aws/wire.ts';
import { context, evidenceOf, play, targetIn } from './harness.ts';
import { REGION, world } from './world.ts';

/** What each service sends in each situation, as the SDK's models and its protocols define it; played on the wire, read by the real SDK. */
const TABLE: readonly (readonly [situation: string, api: string, answer: Answer, reason: string])[] = [
  ['EKS denies', 'eks:ListClusters', refusal('eks', 'AccessDeniedException', 403), 'denied'],
  ['EC2 denies', 'ec2:DescribeVpcs', refusal('ec2', 'UnauthorizedOperation', 403), 'denied'],
  ['EC2 of an emulator denies', 'ec2:DescribeVpcs', refusal('ec2', 'AccessDenied', 403), 'denied'],
  ['IAM denies', 'iam:ListAttachedRolePolicies', refusal('iam', 'AccessDenied', 403), 'denied'],
  ['Route 53 denies', 'route53:ListHostedZonesByVPC', refusal('route53', 'AccessDenied', 403), 'denied'],
  [
    'a service control policy denies',
    'eks:ListClusters',
    refusal('eks', 'AccessDeniedException', 403, 'not authorized with an explicit deny in a service control policy'),
    'denied-by-policy',
  ],
  [
    'a service control policy denies EC2',
    'ec2:DescribeSubnets',
    refusal('ec2', 'UnauthorizedOperation', 403, 'explicit deny in a service control policy'),
    'denied-by-policy',
  ],
  ['EKS throttles', 'eks:ListClusters', refusal('eks', 'ThrottlingException', 429), 'throttled'],
  ['EKS throttles in the old way', 'eks:ListClusters', refusal('eks', 'TooManyRequestsException', 429), 'throttled'],
  ['EC2 throttles', 'ec2:DescribeVpcs', refusal('ec2', 'RequestLimitExceeded', 503), 'throttled'],
  ['EKS: expired', 'eks:ListClusters', refusal('eks', 'ExpiredTokenException', 403), 'credentials'],
  ['EC2: expired', 'ec2:DescribeVpcs', refusal('ec2', 'RequestExpired', 400), 'credentials'],
  ['EC2: expired token', 'ec2:DescribeVpcs', refusal('ec2', 'ExpiredToken', 403), 'credentials'],
  ['EC2: keys nobody knows', 'ec2:DescribeVpcs', refusal('ec2', 'AuthFailure', 401), 'credentials'],
  ['EKS: keys nobody knows', 'eks:ListClusters', refusal('eks', 'UnrecognizedClientException', 403), 'credentials'],
  [
    'an HTML page with status 200 for EC2',
    'ec2:DescribeVpcs',
    { body: '<html><body><p>hello</p></body></html>' },
    'malformed-answer',
  ],
  [
    'an HTML page with status 404 for EC2',
    'ec2:DescribeVpcs',
    { status: 404, body: '<html><body>404</body></html>' },
    'malformed-answer',
  ],
  [
    'an HTML page with status 200 for instances',
    'ec2:DescribeInstances',
    { body: '<html></html>' },
    'malformed-answer',
  ],
  [
    'an HTML page with status 404 for EKS',
    'eks:ListClusters',
    { status: 404, body: '<!doctype html><title>404</title>' },
    'malformed-answer',
  ],
  ['an HTML page with status 200 for EKS', 'eks:ListClusters', { body: '<html></html>' }, 'malformed-answer'],
  ['an HTML page for Route 53', 'route53:ListHostedZonesByVPC', { body: '<html></html>' }, 'malformed-answer'],
  ['an HTML page for IAM', 'iam:ListAttachedRolePolicies', { body: '<html></html>' }, 'malformed-answer'],
  ['truncated JSON', 'eks:ListClusters', { body: '{"clusters":["a"' }, 'malformed-answer'],
  [
    'truncated XML',
    'ec2:DescribeVpcs',
    { body: '<DescribeVpcsResponse><vpcSet><item><vpcId>vpc-1</vpcId>' },
    'malformed-answer',
  ],
  ['an empty body', 'ec2:DescribeRouteTables', { body: '' }, 'malformed-answer'],
  ['an object without the list', 'eks:ListClusters', json({}), 'malformed-answer'],
  ['a word for a list', 'eks:ListClusters', json({ clusters: 'alpha' }), 'malformed-answer'],
  ['a list of other things', 'eks:ListClusters', json({ clusters: [{ name: 'alpha' }] }), 'malformed-answer'],
  ['a connection that is reset', 'eks:ListClusters', { reset: true }, 'unreachable'],
  ['no answer at all', 'eks:ListClusters', { hang: true }, 'timeout'],
  ['no answer of EC2', 'ec2:DescribeVpcEndpoints', { hang: true }, 'timeout'],
];

describe('errors on the wire', () => {
  test.each(TABLE)('%s: %s', async (_situation, api, answer, reason) => {
    const { collect } = await play(world({ answers: { [api]: () => answer } }), {}, { requestTimeoutMs: 600 });
    const { gaps } = await collect();
    expect(gaps).toMatchObject([{ reason, api }]);
  });

  test.each([
    ['AuthFailure', 401],
    ['OptInRequired', 403],
    ['UnrecognizedClientException', 403],
    ['InvalidClientTokenId', 403],
    ['RegionDisabledException', 403],
  ])('%s in a region that the account never enabled is region-disabled', async (code, status) => {
    const { provider } = await play(world({ answers: { 'eks:ListClusters': () => refusal('eks', code, status) } }));
    const target = { ...targetIn(REGION), details: { partition: 'aws', optIn: 'not-opted-in' } };
    expect((await provider.collect(target, context())).gaps).toMatchObject([{ reason: 'region-disabled' }]);
  });

  test.each([
    [
      'eks:ListClusters',
      { status: 404, body: '<!doctype html><title>404</title>' },
      /^the response is not from this API: /,
    ],
    [
      'ec2:DescribeVpcs',
      { status: 404, body: '<html><body>404</body></html>' },
      /^the response is not from this API: /,
    ],
    ['eks:ListClusters', json({ clusters: [{ name: 'alpha' }] }), /^the list holds other things than names$/],
  ])('%s says in words what is wrong with the response', async (api, answer, expected) => {
    const { collect } = await play(world({ answers: { [api]: () => answer } }));
    expect((await collect()).gaps[0]?.message).toMatch(expected);
  });

  test('a refused signature is told without the token that was signed', async () => {
    const said =
      "The Canonical String should have been 'GET / host:eks x-amz-security-token:IQoJb3JpZ2luX2Vj x-amz-date:2026'";
    const answer = refusal('eks', 'SignatureDoesNotMatch', 403, said);
    const { collect } = await play(world({ answers: { 'eks:ListClusters': () => answer } }));
    const { gaps } = await collect();
    expect(gaps).toMatchObject([
      { reason: 'credentials', message: expect.stringContaining('x-amz-security-token: (secret) x-amz-date:2026') },
    ]);
    expect(JSON.stringify(gaps)).not.toContain('IQoJb3JpZ2luX2Vj');
  });

  test('nobody listens', async () => {
    const { collect, server } = await play(world());
    await server.close();
    expect((await collect()).gaps).toMatchObject([{ reason: 'unreachable', api: 'eks:ListClusters' }]);
  });

  test('a throttle that passes leaves no trace but the counted repeats', async () => {
    let throttles = 2;
    const { collect, server } = await play(
      world({
        answers: {
          'ec2:DescribeVpcs': () => {
            throttles -= 1;
            return throttles >= 0 ? refusal('ec2', 'RequestLimitExceeded', 503) : undefined;
          },
        },
      }),
    );
    const collection = await collect();
    expect(collection.gaps).toEqual([]);
    expect(server.count('ec2:DescribeVpcs')).toBe(3);
    expect(collection.apiCalls).toBe(server.calls.length);
  });

  test('a hang is asked once more, not seven times', async () => {
    const { collect, server } = await play(
      world({ answers: { 'eks:ListClusters': () => ({ hang: true }) } }),
      {},
      { requestTimeoutMs: 50, maxAttempts: 7 },
    );
    await collect();
    expect(server.count('eks:ListClusters')).toBe(2);
  });

  test('the deadline of the target ends a hang, and what was read until then is returned', async () => {
    const { collect } = await play(world({ answers: { 'ec2:DescribeSubnets': () => ({ hang: true }) } }));
    const collection = await collect(REGION, AbortSignal.timeout(400));
    expect(evidenceOf(collection, 'alpha').cluster.state).toBe('collected');
    expect(evidenceOf(collection, 'alpha').network.subnets).toMatchObject({ reason: 'timeout' });
    expect(new Set(collection.gaps.map(({ reason }) => reason))).toEqual(new Set(['timeout']));
  });

  test('one region throttled for ever leaves the others alone', async () => {
    const { collect } = await play(
      world({
        answers: {
          'eks:ListClusters': ({ region }) =>
            region === 'ap-south-1' ? refusal('eks', 'ThrottlingException', 429) : undefined,
        },
      }),
    );
    const [throttled, fine] = await Promise.all([collect('ap-south-1'), collect(REGION)]);
    expect(throttled).toMatchObject({ inventoryComplete: false, gaps: [{ reason: 'throttled' }] });
    expect(fine).toMatchObject({ inventoryComplete: true, gaps: [] });
  });
});
