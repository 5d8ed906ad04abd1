import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { proxyIn } from '#collectors/aws/user-data.ts';
import { json, refusal } from '#estate/aws/wire.ts';
import { evidenceOf, play } from './harness.ts';
import { cluster, policy, type World, world } from './world.ts';

const ADMIN = 'arn:aws:iam::111111111111:role/admin';

async function entriesWith(answers: NonNullable<World['answers']>, options: Parameters<typeof play>[1] = {}) {
  const { collect, server } = await play(world({ answers }), options);
  const collection = await collect();
  return { server, collection, entries: evidenceOf(collection, 'alpha').accessEntries };
}

describe('access entries', () => {
  test('one call for the list and one for each principal; service roles of EKS are not asked about', async () => {
    const { entries, server } = await entriesWith({});
    expect(entries).toMatchObject({
      value: [
        {
          principal: ADMIN,
          policies: { value: [{ name: 'AmazonEKSClusterAdminPolicy', scope: { value: 'cluster' } }] },
        },
      ],
    });
    expect([server.count('eks:ListAccessEntries'), server.count('eks:ListAssociatedAccessPolicies')]).toEqual([1, 1]);
  });

  test('two pages of entries, two pages of policies', async () => {
    const paged = (first: object, second: object) => (call: { readonly params: Readonly<Record<string, string>> }) =>
      json(call.params['nextToken'] === undefined ? { ...first, nextToken: 'more' } : second);
    const { entries } = await entriesWith({
      'eks:ListAccessEntries': paged({ accessEntries: [ADMIN] }, { accessEntries: [`${ADMIN}-2`] }),
      'eks:ListAssociatedAccessPolicies': paged(
        { associatedAccessPolicies: [policy('AmazonEKSViewPolicy', 'cluster')] },
        { associatedAccessPolicies: [policy('AmazonEKSAdminPolicy', 'namespace')] },
      ),
    });
    expect(entries).toMatchObject({
      value: [
        {
          principal: ADMIN,
          policies: {
            value: [{ name: 'AmazonEKSViewPolicy' }, { name: 'AmazonEKSAdminPolicy', scope: { value: 'namespace' } }],
          },
        },
        { principal: `${ADMIN}-2` },
      ],
    });
  });

  test('an entry that vanished meanwhile is left out without a gap', async () => {
    const { entries, collection } = await entriesWith({
      'eks:ListAssociatedAccessPolicies': () => refusal('eks', 'ResourceNotFoundException', 404),
    });
    expect(entries).toMatchObject({ value: [] });
    expect(collection.gaps).toEqual([]);
  });

  test('a policy without its name is malformed', async () => {
    const { entries } = await entriesWith({
      'eks:ListAssociatedAccessPolicies': () =>
        json({ associatedAccessPolicies: [{ accessScope: { type: 'cluster' } }] }),
    });
    expect(entries).toMatchObject({ value: [{ policies: { reason: 'malformed-answer' } }] });
  });

  test('a cluster that keeps its access in aws-auth is not asked', async () => {
    const { entries, server } = await entriesWith({
      'eks:DescribeCluster': () =>
        json({ cluster: { ...cluster('alpha'), accessConfig: { authenticationMode: 'CONFIG_MAP' } } }),
    });
    expect(entries).toMatchObject({ reason: 'undecidable' });
    expect(server.count('eks:ListAccessEntries')).toBe(0);
  });

  test('nothing is asked where nobody judges administrators', async () => {
    const { entries, server, collection } = await entriesWith({}, { administrators: false });
    expect(entries).toMatchObject({ reason: 'not-scanned' });
    expect([server.count('eks:ListAccessEntries'), server.count('eks:ListAssociatedAccessPolicies')]).toEqual([0, 0]);
    expect(collection.gaps).toEqual([]);
  });
});

describe('health and remote access as EKS sends them', () => {
  test('issues in its words, groups of remote access', async () => {
    const issue = { code: 'NodeCreationFailure', message: 'did not join', resourceIds: ['i-1'] };
    const { collect } = await play(
      world({
        answers: {
          'eks:DescribeCluster': () =>
            json({ cluster: { ...cluster('alpha'), health: { issues: [{ code: 'SubnetNotFound' }] } } }),
          'eks:DescribeNodegroup': ({ params }) =>
            json({
              nodegroup: {
                nodegroupName: params['item'],
                health: { issues: [issue] },
                remoteAccess: { ec2SshKey: 'ops' },
                resources: { remoteAccessSecurityGroup: 'sg-ssh' },
              },
            }),
        },
      }),
    );
    const evidence = evidenceOf(await collect(), 'alpha');
    expect(evidence.cluster).toMatchObject({
      value: { health: { value: [{ code: 'SubnetNotFound', message: '', resourceIds: [] }] } },
    });
    expect(evidence.nodeGroups).toMatchObject({
      value: [
        {
          value: { health: { value: [issue] }, remoteAccess: { value: [] }, remoteAccessGroupId: { value: 'sg-ssh' } },
        },
      ],
    });
  });

  test('what was not sent is absent', async () => {
    const { collect } = await play(world());
    const evidence = evidenceOf(await collect(), 'alpha');
    expect(evidence.cluster).toMatchObject({
      value: { health: { state: 'absent' }, serviceCidrs: { state: 'absent' } },
    });
    expect(evidence.nodeGroups).toMatchObject({
      value: [{ value: { health: { state: 'absent' }, remoteAccess: { state: 'absent' } } }],
    });
  });
});

describe('user data', () => {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const given = <T>(value: T) => ({ state: 'given', value });
  const absent = { state: 'absent' };

  test.each<[string, string, unknown, unknown]>([
    [
      'a shell script',
      'export HTTPS_PROXY=http://p:1\nexport NO_PROXY=10.0.0.0/16,.internal\n',
      given(true),
      given(['10.0.0.0/16', '.internal']),
    ],
    [
      'quotes and spaces',
      `https_proxy="http://p:1"\nno_proxy="10.0.0.0/16, .internal"`,
      given(true),
      given(['10.0.0.0/16', '.internal']),
    ],
    [
      'a unit of systemd',
      '[Service]\nEnvironment="HTTPS_PROXY=http://p:1"\nEnvironment="NO_PROXY=10.0.0.0/16,.internal"',
      given(true),
      given(['10.0.0.0/16', '.internal']),
    ],
    ['YAML', 'HTTPS_PROXY: http://p:1\nNO_PROXY: "10.0.0.0/16"', given(true), given(['10.0.0.0/16'])],
    [
      'Bottlerocket',
      '[settings.network]\nhttps-proxy = "http://p:1"\nno-proxy = ["10.0.0.0/16", ".internal"]',
      given(true),
      given(['10.0.0.0/16', '.internal']),
    ],
    [
      'what one program lacks, not all have',
      'HTTPS_PROXY=p\nNO_PROXY=10.0.0.0/16,.internal\nEnvironment=NO_PROXY=.internal',
      given(true),
      given(['.internal']),
    ],
    ['handed on', 'HTTPS_PROXY=p\nNO_PROXY=.internal\nexport no_proxy=$NO_PROXY', given(true), given(['.internal'])],
    [
      'worked out on the node',
      'HTTPS_PROXY=p\nNO_PROXY=$VPC_CIDR,.internal',
      given(true),
      given(['$VPC_CIDR', '.internal']),
    ],
    ['no exceptions', 'HTTP_PROXY=p', given(true), given([])],
    ['no proxy', 'yum install -y jq', given(false), given([])],
  ])('%s', (_case, text, setsProxy, noProxy) => {
    expect(proxyIn(base64(text))).toEqual({ setsProxy, noProxy });
    expect(proxyIn(gzipSync(text).toString('base64'))).toEqual({ setsProxy, noProxy });
  });

  test('none, and one that cannot be read', () => {
    expect(proxyIn(undefined)).toEqual({ setsProxy: absent, noProxy: absent });
    expect(proxyIn(Buffer.from([0x1f, 0x8b, 1, 2]).toString('base64')).setsProxy.state).toBe('malformed');
  });
});
