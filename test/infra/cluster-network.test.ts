import { beforeAll, describe, expect, test } from 'vitest';
import { parseConfig } from '#config/load.ts';
import { deploymentFacts } from '#infra/deployment-facts.ts';
import { actionsOf, hubTemplate, type Statement, statementsOf } from './synthesise.ts';

const YAML = 'kubernetes: { clusters: [{ name: k, server: "https://10.0.0.1", cluster: "x" }] }';
const INTERFACES = [
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:UnassignPrivateIpAddresses',
];

describe('the function that reads clusters from inside, in a VPC', () => {
  let template: ReturnType<typeof hubTemplate>;
  beforeAll(() => {
    const clusterNetwork = { subnetIds: ['subnet-1', 'subnet-2'], securityGroupIds: ['sg-1'] };
    template = hubTemplate(YAML, { clusterNetwork });
  });
  const concerning = (statements: readonly Statement[]) =>
    statements.filter((statement) => actionsOf(statement).some((action) => INTERFACES.includes(action)));

  test('stands in the subnets that were given, and no other function does', () => {
    const inside = Object.values(template.findResources('AWS::Lambda::Function')).flatMap(({ Properties }) =>
      Properties.VpcConfig === undefined ? [] : [[Properties.Description, Properties.VpcConfig]],
    );
    expect(inside).toEqual([
      [
        'Reads clusters from inside, and inventories',
        { SubnetIds: ['subnet-1', 'subnet-2'], SecurityGroupIds: ['sg-1'] },
      ],
    ]);
  });

  test('lets Lambda make interfaces, and denies the same to the code inside', () => {
    const [allowed, denied] = concerning(statementsOf(template, 'FunctionsScanKubernetesRole'));
    expect(allowed).toMatchObject({ Effect: 'Allow', Action: INTERFACES });
    expect(denied).toMatchObject({
      Effect: 'Deny',
      Action: INTERFACES,
      Condition: { ArnLike: { 'lambda:SourceFunctionArn': expect.anything() } },
    });
    expect(concerning(statementsOf(template, 'FunctionsScanIbmRole'))).toEqual([]);
  });
});

test('without subnets it stands outside of any VPC, and its role makes no interfaces', () => {
  const template = hubTemplate(YAML);
  for (const { Properties } of Object.values(template.findResources('AWS::Lambda::Function'))) {
    expect(Properties.VpcConfig).toBeUndefined();
  }
  expect(JSON.stringify(statementsOf(template, 'FunctionsScanKubernetesRole'))).not.toContain('NetworkInterface');
});

describe('AKS clusters read from inside', () => {
  const AKS = '/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c';
  const azure =
    'azure: { tenants: [{ id: 33333333-3333-3333-3333-333333333333, credential: { type: federated, clientId: c } }] }';
  const yaml = `kubernetes: { clusters: [{ name: k, server: "https://10.0.0.1", cluster: "${AKS}" }] }`;

  test('are opened with the federated identity', () => {
    const actions = statementsOf(hubTemplate(`${yaml}\n${azure}`), 'FunctionsScanKubernetesRole').flatMap(actionsOf);
    expect(actions).toContain('sts:GetWebIdentityToken');
  });

  test('and whom Entra has to trust stands in the outputs of the stack', () => {
    const outputs = Object.entries(hubTemplate(`${yaml}\n${azure}`).toJSON()['Outputs']);
    expect(outputs.filter(([name]) => name.endsWith('AzureSubject')).sort()).toEqual(
      ['Plan', 'ScanAzure', 'ScanKubernetes'].map((name) => [
        `${name}AzureSubject`,
        expect.objectContaining({ Value: { 'Fn::GetAtt': [expect.stringContaining(`Functions${name}Role`), 'Arn'] } }),
      ]),
    );
  });

  test('for the audience that the tenant names, and the usual one where it names none', () => {
    const own = azure.replace('clientId: c', 'clientId: c, audience: "api://AzureADTokenExchangeUSGov"');
    for (const [tenant, audience] of [
      [azure, 'api://AzureADTokenExchange'],
      [own, 'api://AzureADTokenExchangeUSGov'],
    ] as const) {
      const template = hubTemplate(`${yaml}\n${tenant}`);
      for (const role of ['FunctionsPlanRole', 'FunctionsScanAzureRole', 'FunctionsScanKubernetesRole']) {
        const [tokens] = statementsOf(template, role).filter((statement) =>
          actionsOf(statement).includes('sts:GetWebIdentityToken'),
        );
        expect(tokens).toMatchObject({
          Condition: { 'ForAllValues:StringEquals': { 'sts:IdentityTokenAudience': [audience] } },
        });
      }
    }
  });

  test.each([
    ['without a federated tenant', yaml],
    ['without an AKS cluster', `${YAML}\n${azure}`],
  ])('need none %s', (_case, text) => {
    expect(deploymentFacts(parseConfig(text, 'ringfence.yaml')).federatesAks).toBe(false);
  });
});
