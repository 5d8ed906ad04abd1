import type { ScanOutput } from './result.ts';

const COLUMNS = [
  'id',
  'control',
  'status',
  'severity',
  'reason',
  'message',
  'provider',
  'account',
  'region',
  'resource',
  'uid',
  'proof',
  'remediation',
  'exception',
  'evaluatedAt',
];

/**
 * RFC 4180. A cell that a spreadsheet would take for a formula (full-width signs count) gets an apostrophe in front, and so does what would be
 * a cell where the semicolon or the tab separates them.
 */
export function toCsv({ findings }: ScanOutput): string {
  const rows = findings.map(
    ({ id, control, status, severity, reason, message, resource, proof, remediation, exception, evaluatedAt }) => [
      id,
      control,
      status,
      severity,
      reason,
      message,
      resource.provider,
      resource.account,
      resource.region,
      resource.name,
      resource.uid,
      proof[0]?.line ?? '',
      remediation ?? '',
      exception === undefined ? '' : `${exception.owner} until ${exception.expires}`,
      evaluatedAt,
    ],
  );
  return `${[COLUMNS, ...rows].map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`;
}

function cell(value: string): string {
  const inner = value.replaceAll(/([;\t])(?=[=+\-@＝＋－＠])/g, "$1'");
  const safe = /^[=+\-@\t\r\n＝＋－＠]/.test(inner) ? `'${inner}` : inner;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
