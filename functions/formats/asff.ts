import { partitionOfRegion } from '#domain/aws-partition.ts';
import type { Finding } from '#domain/finding.ts';
import type { Status } from '#domain/verdict.ts';
import { citationsOf } from '#frameworks/index.ts';
import type { ScanOutput } from './result.ts';

const COMPLIANCE: Readonly<Record<Status, string>> = {
  PASS: 'PASSED',
  FAIL: 'FAILED',
  UNKNOWN: 'WARNING',
  NOT_APPLICABLE: 'NOT_AVAILABLE',
};
/** AWS Security Finding Format: limits of Title and Description. */
const LONGEST_TITLE = 256;
const LONGEST_TEXT = 1_024;
const LONGEST_REMEDIATION = 512;

/**
 * AWS Security Finding Format 2018-10-08, as `BatchImportFindings` takes it (100 at a time). The product is the account's own custom product, so
 * only findings of AWS resources are written: another cloud's account is no AWS account.
 */
export function toAsff({ findings, run }: ScanOutput): string {
  const aws = findings.filter(
    ({ resource }) => resource.provider === 'aws' && resource.region !== '' && /^\d{12}$/.test(resource.account),
  );
  return `${JSON.stringify(
    aws.map((finding) => toFinding(finding, run.startedAt)),
    undefined,
    2,
  )}\n`;
}

function toFinding(
  { id, control, title, status, severity, message, resource, remediation, exception, evaluatedAt }: Finding,
  createdAt: string,
) {
  const partition = partitionOfRegion(resource.region);
  return {
    SchemaVersion: '2018-10-08',
    Id: `ringfence/${id}`,
    ProductArn: `arn:${partition}:securityhub:${resource.region}:${resource.account}:product/${resource.account}/default`,
    GeneratorId: control,
    AwsAccountId: resource.account,
    Types: ['Software and Configuration Checks/AWS Security Best Practices/Network Reachability'],
    CreatedAt: createdAt,
    UpdatedAt: evaluatedAt,
    Severity: { Label: status === 'FAIL' ? severity : 'INFORMATIONAL' },
    Title: title.slice(0, LONGEST_TITLE),
    Description: message.slice(0, LONGEST_TEXT),
    ...(remediation === undefined
      ? {}
      : { Remediation: { Recommendation: { Text: remediation.slice(0, LONGEST_REMEDIATION) } } }),
    Resources: [
      {
        Type: resource.type === 'aws.eks.cluster' ? 'AwsEksCluster' : 'Other',
        Id: resource.uid,
        Partition: partition,
        Region: resource.region,
      },
    ],
    Compliance: { Status: COMPLIANCE[status], ...related(control) },
    RecordState: 'ACTIVE',
    ...workflow(status, exception !== undefined),
  };
}

/** Security Hub takes 32 requirements at most. */
const MOST_REQUIREMENTS = 32;

function related(control: string): { readonly RelatedRequirements?: readonly string[] } {
  const cited = citationsOf(control);
  return cited.length === 0 ? {} : { RelatedRequirements: cited.slice(0, MOST_REQUIREMENTS) };
}

/** Only what is decided moves the workflow: an UNKNOWN leaves it where the operators put it. */
function workflow(status: Status, accepted: boolean): { readonly Workflow?: { readonly Status: string } } {
  if (status === 'PASS') return { Workflow: { Status: 'RESOLVED' } };
  return status === 'FAIL' && accepted ? { Workflow: { Status: 'SUPPRESSED' } } : {};
}
