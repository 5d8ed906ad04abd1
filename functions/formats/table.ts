import type { Finding } from '#domain/finding.ts';
import type { TargetReport } from '#domain/run.ts';
import { compareSeverity, type Severity, type Status } from '#domain/verdict.ts';
import { clusterCounts, findingCounts, type ScanOutput } from './result.ts';

/** How texts are coloured; the caller decides whether the terminal knows colours. */
export interface Paint {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly status: (status: Status, text: string) => string;
  readonly severity: (severity: Severity, text: string) => string;
}

export const PLAIN: Paint = {
  bold: (text) => text,
  dim: (text) => text,
  status: (_status, text) => text,
  severity: (_severity, text) => text,
};

const ORDER: readonly Status[] = ['FAIL', 'UNKNOWN', 'PASS', 'NOT_APPLICABLE'];
const LABEL: Readonly<Record<Status, string>> = {
  FAIL: 'FAIL',
  UNKNOWN: 'UNKNOWN',
  PASS: 'pass',
  NOT_APPLICABLE: 'n/a',
};

/** For people: resources with trouble first, each with what is wrong, its key proof line and the remedy; then coverage; then the sum. */
export function toTable({ run, targets, findings }: ScanOutput, paint: Paint, width: number): string {
  const resources = Map.groupBy(
    findings.filter(({ resource }) => resource.type !== 'target'),
    ({ resource }) => resource.uid,
  );
  const blocks = [...resources.values()].sort(byTrouble).map((group) => resourceBlock(group, paint, width));
  return `${[...blocks, coverageBlock(targets, paint, width), summaryBlock(run, findings, paint)].join('\n\n')}\n`;
}

/** Findings alone, without a run around them. */
export function toFindingList(findings: readonly Finding[], paint: Paint, width: number): string {
  const resources = Map.groupBy(findings, ({ resource }) => resource.uid);
  const blocks = [...resources.values()].sort(byTrouble).map((group) => resourceBlock(group, paint, width));
  return blocks.length === 0 ? 'no findings\n' : `${blocks.join('\n\n')}\n`;
}

/** One finding with all of its proof; paths as a small tree. */
export function toExplanation(finding: Finding, paint: Paint, width: number): string {
  const { status, severity, control, title, message, resource, proof, remediation, fix, evaluatedAt } = finding;
  return `${[
    `${paint.status(status, status)} ${status === 'FAIL' ? paint.severity(severity, severity) : ''} ${paint.bold(control)}`,
    title,
    paint.dim(printable(`${resource.name} · ${resource.uid} · judged ${evaluatedAt}`)),
    '',
    ...wrap(message, width, ''),
    '',
    paint.bold('proof'),
    ...proof.flatMap(({ line, hops, source }) => [
      ...(hops === undefined || hops.length < 2
        ? wrap(line, width, '  ')
        : hops.map((hop, depth) => `  ${depth === 0 ? '' : `${'   '.repeat(depth - 1)}└─ `}${printable(hop)}`)),
      ...(source === undefined ? [] : [paint.dim(printable(`     ${source.api}, read ${source.at}`))]),
    ]),
    ...(remediation === undefined ? [] : ['', paint.bold('fix'), ...wrap(remediation, width, '  ')]),
    ...(fix?.commands ?? []).map((command) => `  $ ${printable(command)}`),
    ...(fix?.fragments ?? []).flatMap(({ language, code }) => [
      paint.dim(`  # ${language}`),
      ...code.split('\n').map((line) => `  ${printable(line)}`),
    ]),
  ].join('\n')}\n`;
}

function byTrouble(a: readonly Finding[], b: readonly Finding[]): number {
  return worstOf(a) - worstOf(b) || ((a[0]?.resource.name ?? '') < (b[0]?.resource.name ?? '') ? -1 : 1);
}

const SEVERITY_WEIGHT: Readonly<Record<Severity, number>> = {
  CRITICAL: 0,
  HIGH: 1,
  MEDIUM: 2,
  LOW: 3,
  INFORMATIONAL: 4,
};

function worstOf(findings: readonly Finding[]): number {
  return Math.min(
    ...findings.map(({ status, severity }) =>
      status === 'FAIL' ? SEVERITY_WEIGHT[severity] : status === 'UNKNOWN' ? 10 : 20,
    ),
  );
}

function resourceBlock(findings: readonly Finding[], paint: Paint, width: number): string {
  const [first] = findings;
  if (first === undefined) return '';
  const { provider, account, region, name, type } = first.resource;
  const verdict = findings.find(({ control }) => control === 'closed-network');
  const label =
    verdict === undefined
      ? ''
      : `  ${paint.status(verdict.status, { PASS: 'closed', FAIL: 'OPEN', UNKNOWN: 'not decided', NOT_APPLICABLE: 'not applicable' }[verdict.status])}`;
  const head = `${paint.bold(printable(name))}${label}  ${paint.dim(printable([provider, type, account, region].filter((part) => part !== '').join(' · ')))}`;
  const shown = [...findings].filter(({ status }) => status === 'FAIL' || status === 'UNKNOWN').sort(byGravity);
  const quiet = findings.length - shown.length;
  const passed = findings.filter(({ status }) => status === 'PASS').length;
  return [
    head,
    ...shown.flatMap((finding) => findingLines(finding, paint, width)),
    ...(quiet > 0 ? [`  ${paint.dim(`${passed} pass, ${quiet - passed} do not apply`)}`] : []),
  ].join('\n');
}

function byGravity(a: Finding, b: Finding): number {
  return (
    ORDER.indexOf(a.status) - ORDER.indexOf(b.status) ||
    compareSeverity(a.severity, b.severity) ||
    (a.control < b.control ? -1 : 1)
  );
}

function findingLines(finding: Finding, paint: Paint, width: number): readonly string[] {
  const { status, severity, control, message, reason, proof, remediation, exception } = finding;
  const mark = paint.status(status, LABEL[status]);
  const level = status === 'FAIL' ? paint.severity(severity, severity.padEnd(8)) : paint.dim(reason.padEnd(8));
  const key = proof[0] === undefined ? undefined : shortened(proof[0].line);
  return [
    `  ${mark} ${level} ${paint.bold(control)}${exception === undefined ? '' : paint.dim(printable(` (accepted by ${exception.owner} until ${exception.expires})`))}`,
    ...wrap(message, width, INDENT),
    ...(key === undefined || key === message ? [] : labelled('proof: ', key, width).map(paint.dim)),
    ...(status === 'FAIL' && remediation !== undefined ? labelled('fix:   ', remediation, width) : []),
  ];
}

const INDENT = '       ';

function labelled(label: string, text: string, width: number): readonly string[] {
  return wrap(text, width, INDENT + ' '.repeat(label.length)).map((line, index) =>
    index === 0 ? `${INDENT}${label}${line.trimStart()}` : line,
  );
}

function coverageBlock(targets: readonly TargetReport[], paint: Paint, width: number): string {
  const unread = targets.filter(({ status }) => status === 'failed' || status === 'partial');
  const complete = targets.filter(({ status }) => status === 'complete').length;
  const skipped = targets.filter(({ status }) => status === 'skipped');
  return [
    `${paint.bold('Coverage')}  ${complete} of ${targets.length} targets read completely`,
    ...unread.flatMap(({ target, status, reason, message }) => [
      `  ${paint.status('FAIL', status.padEnd(8))} ${printable(target.id)} ${paint.dim(reason ?? '')}`,
      ...wrap(message ?? '', width, '           '),
    ]),
    ...skipped.map(
      ({ target, message }) =>
        `  ${paint.dim('skipped ')} ${printable(target.id)} ${paint.dim(printable(message ?? ''))}`,
    ),
  ].join('\n');
}

function summaryBlock(run: ScanOutput['run'], findings: readonly Finding[], paint: Paint): string {
  const counts = findingCounts(findings);
  const clusters = clusterCounts(findings);
  return [
    `${paint.bold('Clusters')}  ${clusters.closed} closed, ${paint.status('FAIL', `${clusters.open} open`)}, ${clusters.unknown} not decided`,
    `${paint.bold('Findings')}  ${counts.FAIL} fail, ${counts.UNKNOWN} unknown, ${counts.PASS} pass, ${counts.NOT_APPLICABLE} not applicable`,
    paint.dim(`run ${run.id}: ${run.status}, ${run.apiCalls} calls`),
    ...(counts.FAIL + counts.UNKNOWN > 0
      ? [paint.dim('next: ringfence explain <control> tells more; --format json has every proof')]
      : []),
  ].join('\n');
}

/** ARM ids fill several lines of a terminal: their last type and name tell the same to people. Every other format has them whole. */
function shortened(line: string): string {
  return line.replaceAll(/\/subscriptions\/[^\s→]+\/([^\s/→]+\/[^\s/→]+)/g, '$1');
}

/** A name from a provider must neither steer the terminal nor turn the order of what people read. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu, ' ');
}

/** Breaks text at blanks; a word longer than the line stays whole, because ids are copied. */
export function wrap(text: string, width: number, indent: string): readonly string[] {
  const room = Math.max(width - indent.length, 30);
  const lines: string[] = [];
  let line = '';
  for (const word of printable(text).split(/\s+/)) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  if (line !== '') lines.push(line);
  return lines.map((part) => `${indent}${part}`);
}
