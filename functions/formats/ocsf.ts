import type { Finding } from '#domain/finding.ts';
import type { Severity } from '#domain/verdict.ts';
import type { ScanOutput } from './result.ts';

const SEVERITY_ID: Readonly<Record<Severity, number>> = { INFORMATIONAL: 1, LOW: 2, MEDIUM: 3, HIGH: 4, CRITICAL: 5 };
const STATUS = {
  PASS: { id: 1, name: 'Pass' },
  FAIL: { id: 3, name: 'Fail' },
  UNKNOWN: { id: 0, name: 'Unknown' },
  NOT_APPLICABLE: { id: 99, name: 'Not Applicable' },
} as const;

/** OCSF 1.5 Compliance Finding (class 2003), one JSON object a line. */
export function toOcsf({ findings }: ScanOutput): string {
  return findings.map((finding) => `${JSON.stringify(toEvent(finding))}\n`).join('');
}

function toEvent({
  id,
  control,
  title,
  status,
  severity,
  message,
  resource,
  remediation,
  fix,
  proof,
  evaluatedAt,
}: Finding) {
  return {
    metadata: { version: '1.5.0', product: { name: 'Ringfence', vendor_name: 'Ringfence' }, event_code: control },
    category_uid: 2,
    category_name: 'Findings',
    class_uid: 2003,
    class_name: 'Compliance Finding',
    activity_id: 1,
    activity_name: 'Create',
    type_uid: 200301,
    time: Date.parse(evaluatedAt),
    severity_id: SEVERITY_ID[severity],
    severity,
    finding_info: { uid: id, title, desc: message },
    compliance: { control, status: STATUS[status].name, status_id: STATUS[status].id, status_detail: message },
    resources: [{ uid: resource.uid, name: resource.name, type: resource.type, region: resource.region }],
    cloud: { provider: resource.provider, account: { uid: resource.account }, region: resource.region },
    evidences: proof.map(({ line }) => ({ data: { line } })),
    ...(remediation === undefined ? {} : { remediation: { desc: [remediation, ...(fix?.commands ?? [])].join('\n') } }),
  };
}
