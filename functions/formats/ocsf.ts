import type { Finding } from '#domain/finding.ts';
import { PROVIDER_FACTS } from '#domain/provider-facts.ts';
import type { Severity } from '#domain/verdict.ts';
import { citationsOf, requirementsOf } from '#frameworks/index.ts';
import type { ScanOutput } from './result.ts';

const SEVERITY: Readonly<Record<Severity, { readonly id: number; readonly caption: string }>> = {
  INFORMATIONAL: { id: 1, caption: 'Informational' },
  LOW: { id: 2, caption: 'Low' },
  MEDIUM: { id: 3, caption: 'Medium' },
  HIGH: { id: 4, caption: 'High' },
  CRITICAL: { id: 5, caption: 'Critical' },
};
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
  reason,
  message,
  resource,
  remediation,
  fix,
  proof,
  evaluatedAt,
}: Finding) {
  const requirements = requirementsOf(control);
  const region = resource.region === '' ? {} : { region: resource.region };
  return {
    metadata: {
      version: '1.5.0',
      profiles: ['cloud'],
      product: { name: 'Ringfence', vendor_name: 'Ringfence' },
      event_code: control,
    },
    category_uid: 2,
    category_name: 'Findings',
    class_uid: 2003,
    class_name: 'Compliance Finding',
    activity_id: 1,
    activity_name: 'Create',
    type_uid: 200301,
    time: Date.parse(evaluatedAt),
    severity_id: SEVERITY[severity].id,
    severity: SEVERITY[severity].caption,
    finding_info: { uid: id, title, desc: message },
    compliance: {
      control,
      status: STATUS[status].name,
      status_id: STATUS[status].id,
      status_code: reason,
      status_detail: message,
      ...(requirements.length === 0
        ? {}
        : {
            standards: [...new Set(requirements.map(({ framework, version }) => `${framework} ${version}`))],
            requirements: citationsOf(control),
          }),
    },
    resources: [{ uid: resource.uid, name: resource.name, type: resource.type, ...region }],
    cloud: { provider: PROVIDER_FACTS[resource.provider].name, account: { uid: resource.account }, ...region },
    evidences: proof.map(({ line, source }) => ({ data: { line, ...source } })),
    ...(remediation === undefined
      ? {}
      : { remediation: { desc: [remediation, ...(fix?.checkFirst ?? []), ...(fix?.commands ?? [])].join('\n') } }),
  };
}
