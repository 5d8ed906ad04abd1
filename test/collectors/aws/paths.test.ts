import { describe, expect, test } from 'vitest';
import { ec2, json, refusal } from '#estate/aws/wire.ts';
import { evidenceOf, play } from './harness.ts';
import { cluster, REGION, type World, world } from './world.ts';

/** What is read so that a path can be followed to its end, and only where a path needs it. */

type Answers = NonNullable<World['answers']>;

async function read(answers: Answers) {
  const { collect, server } = await play(world({ answers }));
  const collection = await collect();
  return { evidence: evidenceOf(collection, 'alpha'), gaps: collection.gaps, server };
}

const LOCAL_ONLY: Answers = {
  'ec2:DescribeRouteTables': () =>
    ec2('DescribeRouteTables', {
      routeTableSet: [
        {
          routeTableId: 'rtb-1',
          vpcId: 'vpc-1',
          routeSet: [{ destinationCidrBlock: '10.0.0.0/16', gatewayId: 'local', state: 'active' }],
          associationSet: [{ routeTableAssociationId: 'a', main: true, associationState: { state: 'associated' } }],
        },
      ],
    }),
  'ec2:DescribeVpcEndpoints': () => ec2('DescribeVpcEndpoints', { vpcEndpointSet: [] }),
};

test('a VPC without a route out costs none of the calls that follow paths', async () => {
  const { evidence, server } = await read(LOCAL_ONLY);
  for (const api of [
    'ec2:DescribeNatGateways',
    'ec2:DescribeNetworkInterfaces',
    'ec2:DescribeManagedPrefixLists',
    'route53:ListResourceRecordSets',
  ])
    expect([api, server.count(api)]).toEqual([api, 0]);
  const { natGateways, interfaces, prefixListOwners } = evidence.network;
  for (const part of [natGateways, interfaces, prefixListOwners])
    expect(part).toMatchObject({ state: 'unavailable', reason: 'not-scanned' });
});

describe('subnets', () => {
  const subnet = (subnetId: string, vpcId = 'vpc-1') => ({ subnetId, vpcId, cidrBlock: '10.0.0.0/24' });

  test('are those of the whole VPC, in one call', async () => {
    const { evidence, server } = await read({
      'ec2:DescribeSubnets': () =>
        ec2('DescribeSubnets', { subnetSet: ['subnet-1', 'subnet-2', 'subnet-other'].map((id) => subnet(id)) }),
    });
    expect(server.count('ec2:DescribeSubnets')).toBe(1);
    expect(server.calls.find(({ api }) => api === 'ec2:DescribeSubnets')?.params).toMatchObject({
      'Filter.1.Name': 'vpc-id',
      'Filter.1.Value.1': 'vpc-1',
    });
    expect(evidence.network.subnets).toMatchObject({
      value: [{ id: 'subnet-1' }, { id: 'subnet-2' }, { id: 'subnet-other' }],
    });
  });

  test('of another VPC, where an instance is, are found by their id, and then the rest of that VPC', async () => {
    const { evidence } = await read({
      'ec2:DescribeInstances': () =>
        ec2('DescribeInstances', {
          reservationSet: [
            {
              instancesSet: [
                {
                  instanceId: 'i-1',
                  subnetId: 'subnet-there',
                  tagSet: [{ key: 'kubernetes.io/cluster/alpha', value: 'owned' }],
                },
              ],
            },
          ],
        }),
      'ec2:DescribeSubnets': ({ params }) => {
        if (params['Filter.1.Name'] === 'subnet-id')
          return ec2('DescribeSubnets', { subnetSet: [subnet('subnet-there', 'vpc-2')] });
        return ec2('DescribeSubnets', {
          subnetSet:
            params['Filter.1.Value.1'] === 'vpc-1'
              ? [subnet('subnet-1'), subnet('subnet-2')]
              : [subnet('subnet-there', 'vpc-2'), subnet('subnet-beside', 'vpc-2')],
        });
      },
    });
    expect(
      evidence.network.subnets.state === 'collected' ? evidence.network.subnets.value.map(({ id }) => id) : undefined,
    ).toEqual(['subnet-1', 'subnet-2', 'subnet-there', 'subnet-beside']);
  });
});

describe.each([
  [
    'ec2:DescribeNetworkInterfaces',
    'interfaces',
    'networkInterfaceSet',
    (n: number) => ({ networkInterfaceId: `eni-${n}`, subnetId: 'subnet-1' }),
  ],
  [
    'ec2:DescribeManagedPrefixLists',
    'prefixListOwners',
    'prefixListSet',
    (n: number) => ({ prefixListId: `pl-${n}`, prefixListName: 'x', ownerId: 'AWS' }),
  ],
] as const)('%s', (api, part, list, item) => {
  const action = api.slice('ec2:'.length);

  test('is read to its last page', async () => {
    const { evidence } = await read({
      [api]: ({ params }) =>
        params['NextToken'] === undefined
          ? ec2(action, { [list]: [item(1)], nextToken: 'more' })
          : ec2(action, { [list]: [item(2)] }),
    });
    const found = evidence.network[part];
    expect(found.state === 'collected' ? found.value.map(({ id }) => id.replace(/\D/g, '')) : found).toEqual([
      '1',
      '2',
    ]);
  });

  test.each([
    ['denied', refusal('ec2', 'UnauthorizedOperation', 403), 'denied'],
    ['an entry without its id', ec2(action, { [list]: [{}] }), 'malformed-answer'],
    ['a page instead of an answer', { body: '<html></html>' }, 'malformed-answer'],
  ])('%s', async (_case, answer, reason) => {
    const { evidence, gaps } = await read({ [api]: () => answer });
    expect(evidence.network[part]).toMatchObject({ state: 'unavailable', reason });
    expect(gaps).toMatchObject([{ reason, api }]);
  });
});

describe('records of private zones', () => {
  const zone = (body: string) => ({ body: `<ListResourceRecordSetsResponse>${body}</ListResourceRecordSetsResponse>` });
  const record = (name: string) =>
    `<ResourceRecordSets><ResourceRecordSet><Name>${name}</Name><Type>CNAME</Type><TTL>60</TTL><ResourceRecords><ResourceRecord><Value>vpce-1.example.</Value></ResourceRecord></ResourceRecords></ResourceRecordSet></ResourceRecordSets>`;

  test('are read to the last page, names without dots and octal numbers', async () => {
    const { evidence } = await read({
      'route53:ListResourceRecordSets': ({ params }) =>
        params['name'] === undefined
          ? zone(
              `${record(`sts.${REGION}.amazonaws.com.`)}<IsTruncated>true</IsTruncated><NextRecordName>x.</NextRecordName><NextRecordType>A</NextRecordType>`,
            )
          : zone(`${record(`\\052.sts.${REGION}.amazonaws.com.`)}<IsTruncated>false</IsTruncated>`),
    });
    const [vpc] = evidence.network.vpcs.state === 'collected' ? evidence.network.vpcs.value : [];
    expect(vpc?.serviceZones).toMatchObject([
      {
        name: `sts.${REGION}.amazonaws.com`,
        records: {
          value: [
            { name: `sts.${REGION}.amazonaws.com`, type: 'CNAME', targets: ['vpce-1.example'] },
            { name: `*.sts.${REGION}.amazonaws.com` },
          ],
        },
      },
    ]);
  });

  test.each([
    ['another account owns the zone', refusal('route53', 'AccessDenied', 403), 'denied'],
    ['the zone is gone', refusal('route53', 'NoSuchHostedZone', 404), 'not-found'],
    ['no list', zone('<IsTruncated>false</IsTruncated>'), 'malformed-answer'],
  ])('%s', async (_case, answer, reason) => {
    const { evidence } = await read({ 'route53:ListResourceRecordSets': () => answer });
    const [vpc] = evidence.network.vpcs.state === 'collected' ? evidence.network.vpcs.value : [];
    expect(vpc?.serviceZones).toMatchObject([{ records: { state: 'unavailable', reason } }]);
    expect(vpc?.hostedZones).toMatchObject({ state: 'collected' });
  });
});

test('the names that clients resolve come with the offered services', async () => {
  const { evidence } = await read({});
  expect(evidence.network.privateNames).toMatchObject({
    value: [
      { service: `com.amazonaws.${REGION}.ec2`, names: [`ec2.${REGION}.amazonaws.com`, `ec2.${REGION}.api.aws`] },
    ],
  });
});

describe('add-ons', () => {
  test('that may carry a role are described, the others are not asked', async () => {
    const { evidence, server } = await read({
      'eks:ListAddons': () => json({ addons: ['vpc-cni', 'coredns', 'kube-proxy', 'aws-ebs-csi-driver'] }),
      'eks:DescribeAddon': ({ params }) =>
        params['item'] === 'vpc-cni'
          ? json({
              addon: { addonName: 'vpc-cni', addonVersion: 'v1.20.1-eksbuild.1', serviceAccountRoleArn: 'arn:r' },
            })
          : json({ addon: { addonName: 'aws-ebs-csi-driver', podIdentityAssociations: ['arn:a'] } }),
    });
    expect(server.count('eks:DescribeAddon')).toBe(2);
    expect(evidence.addonDescriptions).toMatchObject([
      {
        name: 'vpc-cni',
        description: {
          value: { version: { value: 'v1.20.1-eksbuild.1' }, roleArn: { value: 'arn:r' }, podIdentities: [] },
        },
      },
      {
        name: 'aws-ebs-csi-driver',
        description: {
          value: { version: { state: 'absent' }, roleArn: { state: 'absent' }, podIdentities: ['arn:a'] },
        },
      },
    ]);
  });

  test('one that may not be described leaves the others whole', async () => {
    const { evidence, gaps } = await read({
      'eks:ListAddons': () => json({ addons: ['vpc-cni', 'aws-ebs-csi-driver'] }),
      'eks:DescribeAddon': ({ params }) =>
        params['item'] === 'vpc-cni' ? undefined : refusal('eks', 'AccessDeniedException', 403),
    });
    expect(evidence.vpcCni).toMatchObject({ configuration: { state: 'collected' } });
    expect(evidence.addonDescriptions).toMatchObject([
      { description: { state: 'collected' } },
      { name: 'aws-ebs-csi-driver', description: { state: 'unavailable', reason: 'denied' } },
    ]);
    expect(gaps).toMatchObject([{ reason: 'denied', api: 'eks:DescribeAddon' }]);
  });
});

test('the VPC tells its primary range and the others', async () => {
  const { evidence } = await read({
    'eks:DescribeCluster': () => json({ cluster: cluster('alpha') }),
    'ec2:DescribeVpcs': () =>
      ec2('DescribeVpcs', {
        vpcSet: [
          {
            vpcId: 'vpc-1',
            ownerId: '111111111111',
            dhcpOptionsId: 'dopt-1',
            cidrBlock: '10.0.0.0/16',
            cidrBlockAssociationSet: [
              { cidrBlock: '10.0.0.0/16', cidrBlockState: { state: 'associated' } },
              { cidrBlock: '100.64.0.0/16', cidrBlockState: { state: 'associated' } },
              { cidrBlock: '100.65.0.0/16', cidrBlockState: { state: 'disassociated' } },
            ],
          },
        ],
      }),
  });
  expect(evidence.network.vpcs).toMatchObject({
    value: [{ primaryRange: { value: '10.0.0.0/16' }, ranges: ['10.0.0.0/16', '100.64.0.0/16'] }],
  });
});
