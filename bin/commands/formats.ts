import pc from 'picocolors';
import type { Severity, Status } from '#domain/verdict.ts';
import { toJson } from '#formats/json.ts';
import { type Paint, PLAIN } from '#formats/paint.ts';
import type { ScanOutput } from '#formats/result.ts';
import { toTable } from '#formats/table.ts';

export const FORMATS = ['table', 'json', 'csv', 'html', 'sarif', 'ocsf', 'asff'] as const;
export type Format = (typeof FORMATS)[number];

const STATUS: Readonly<Record<Status, (text: string) => string>> = {
  FAIL: pc.red,
  UNKNOWN: pc.yellow,
  PASS: pc.green,
  NOT_APPLICABLE: pc.dim,
};
const SEVERITY: Readonly<Record<Severity, (text: string) => string>> = {
  CRITICAL: pc.magenta,
  HIGH: pc.red,
  MEDIUM: pc.yellow,
  LOW: pc.blue,
  INFORMATIONAL: pc.dim,
};

const COLOURED: Paint = {
  bold: pc.bold,
  dim: pc.dim,
  status: (status, text) => STATUS[status](text),
  severity: (severity, text) => SEVERITY[severity](text),
};

const NARROWEST = 60;
const WIDEST = 140;

export function paint(): Paint {
  return pc.isColorSupported && process.stdout.isTTY ? COLOURED : PLAIN;
}

export function terminalWidth(): number {
  return Math.min(Math.max(process.stdout.columns ?? 100, NARROWEST), WIDEST);
}

export async function render(output: ScanOutput, format: Format, toFile: boolean): Promise<string> {
  switch (format) {
    case 'table':
      return toTable(output, toFile ? PLAIN : paint(), terminalWidth());
    case 'json':
      return toJson(output);
    case 'csv':
      return (await import('#formats/csv.ts')).toCsv(output);
    case 'html':
      return (await import('#formats/html.ts')).toHtml(output);
    case 'sarif':
      return (await import('#formats/sarif.ts')).toSarif(output);
    case 'ocsf':
      return (await import('#formats/ocsf.ts')).toOcsf(output);
    case 'asff':
      return (await import('#formats/asff.ts')).toAsff(output);
  }
}
