import { describe, expect, test } from 'vitest';
import type { Finding } from '#domain/finding.ts';
import { toAsff } from '#formats/asff.ts';
import { AKS, EKS, EVERY_STATUS, EXCEPTION, finding, IBM_ACCOUNT, scan } from './scans.ts';

const read = (...findings: readonly Finding[]) => JSON.parse(toAsff(scan(...findings)));

describe('ASFF 2018-10-08', () => {
  test('has what BatchImportFindings requires', () => {
    const [entry] = read(finding());
    expect(entry).toMatchObject({
      SchemaVersion: '2018-10-08',
      Id: 'ringfence/f1',
      ProductArn: 'arn:aws:securityhub:eu-central-1:111111111111:product/111111111111/default',
      GeneratorId: 'eks-endpoint-public',
      AwsAccountId: '111111111111',
      Types: ['Software and Configuration Checks/AWS Security Best Practices/Network Reachability'],
      Severity: { Label: 'CRITICAL' },
      Compliance: { Status: 'FAILED' },
      RecordState: 'ACTIVE',
      Resources: [{ Type: 'AwsEksCluster', Id: EKS.uid, Partition: 'aws', Region: 'eu-central-1' }],
    });
    for (const name of ['CreatedAt', 'UpdatedAt'])
      expect(entry[name]).toMatch(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/);
    expect(Date.parse(entry.CreatedAt)).toBeLessThanOrEqual(Date.parse(entry.UpdatedAt));
  });

  test.each([
    ['PASS', 'PASSED', 'INFORMATIONAL'],
    ['UNKNOWN', 'WARNING', 'INFORMATIONAL'],
    ['NOT_APPLICABLE', 'NOT_AVAILABLE', 'INFORMATIONAL'],
    ['FAIL', 'FAILED', 'CRITICAL'],
  ] as const)('%s is %s, severity %s', (status, compliance, label) => {
    expect(read(finding({ status }))[0]).toMatchObject({
      Compliance: { Status: compliance },
      Severity: { Label: label },
    });
  });

  test('only a PASS resolves: an UNKNOWN leaves the workflow alone', () => {
    expect(read(finding({ status: 'PASS' }))[0].Workflow).toEqual({ Status: 'RESOLVED' });
    expect(read(finding({ status: 'UNKNOWN' }))[0]).not.toHaveProperty('Workflow');
    expect(read(finding({ exception: EXCEPTION }))[0].Workflow).toEqual({ Status: 'SUPPRESSED' });
  });

  test('texts keep within the limits of the format', () => {
    const long = 'x'.repeat(5_000);
    const [entry] = read(finding({ title: long, message: long, remediation: long }));
    expect(entry.Title).toHaveLength(256);
    expect(entry.Description).toHaveLength(1_024);
    expect(entry.Remediation.Recommendation.Text).toHaveLength(512);
  });

  test('other partitions keep their name', () => {
    const uid = 'arn:aws-cn:eks:cn-north-1:111111111111:cluster/shop';
    const [entry] = read(finding({ resource: { ...EKS, uid, region: 'cn-north-1' } }));
    expect(entry.ProductArn).toBe('arn:aws-cn:securityhub:cn-north-1:111111111111:product/111111111111/default');
    expect(entry.Resources[0].Partition).toBe('aws-cn');
    // A target's uid is no ARN.
    const target = { ...EKS, type: 'target', uid: 'aws:111111111111:us-gov-west-1', region: 'us-gov-west-1' } as const;
    expect(read(finding({ resource: target }))[0].Resources[0].Partition).toBe('aws-us-gov');
    const sovereign = { ...target, uid: 'aws:111111111111:eusc-de-east-1', region: 'eusc-de-east-1' };
    expect(read(finding({ resource: sovereign }))[0].Resources[0].Partition).toBe('aws-eusc');
  });

  test('another cloud is no AWS account: its findings stay out', () => {
    expect(read(...EVERY_STATUS).map(({ Id }: { readonly Id: string }) => Id)).toEqual([
      'ringfence/f1',
      'ringfence/f2',
    ]);
    expect(read(finding({ resource: AKS }), finding({ resource: IBM_ACCOUNT }))).toEqual([]);
  });
});
