import stringWidth from 'string-width';
import { COMPOSITE, type Finding } from '#domain/finding.ts';
import { printable } from '#domain/printable.ts';
import type { TargetReport } from '#domain/run.ts';
import { shortIds } from '#domain/short-ids.ts';
import { compareSeverity, type Status } from '#domain/verdict.ts';
import { byResource, type ResourceFindings } from './order.ts';
import type { Paint } from './paint.ts';
import { clusterCounts, findingCounts, readOf, type ScanOutput } from './result.ts';
import { labelled, wrap } from './text.ts';

const INDENT = '       ';
/** As wide as `FAIL CRITICAL` and two blanks. */
const MARK_WIDTH = 15;
/** Commands of one remedy that are shown. */
const COMMANDS = 2;
/** Controls of one cause that have a line each; more are listed under their number. */
const BESIDE = 2;

/** For people: resources with trouble first, each with what is wrong, its key proof line and the remedy; then coverage; then the sum. */
export function toTable({ run, targets, findings }: ScanOutput, paint: Paint, width: number): string {
  const resources = findings.filter(({ resource }) => resource.type !== 'target');
  const parts = [
    blocks(resources, paint, width),
    coverageBlock(targets, paint, width),
    summaryBlock(run, findings, paint, width),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

/** Findings alone, without a run around them. */
export function toFindingList(findings: readonly Finding[], paint: Paint, width: number): string {
  if (findings.length === 0) return 'no findings\n';
  const targets = findings.filter(({ resource }) => resource.type === 'target');
  const read = targets.filter((finding) => !isTrouble(finding));
  const rest = findings.filter((finding) => finding.resource.type !== 'target' || isTrouble(finding));
  const parts = [
    blocks(rest, paint, width),
    targets.length === 0
      ? ''
      : `${paint.bold('Coverage')}  ${read.length} of ${targets.length} targets read completely`,
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

/** Resources with trouble as blocks; those without as lines, one below the other. */
function blocks(findings: readonly Finding[], paint: Paint, width: number): string {
  const resources = byResource(findings);
  const loud = resources.filter(({ findings: own }) => own.some(isTrouble));
  const quiet = resources.filter(({ findings: own }) => !own.some(isTrouble));
  return [
    ...loud.map((resource) => block(resource, paint, width)),
    quiet.map((resource) => heading(resource, quietCount(resource), paint, width)).join('\n'),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function isTrouble({ status }: Finding): boolean {
  return status === 'FAIL' || status === 'UNKNOWN';
}

function block(resource: ResourceFindings, paint: Paint, width: number): string {
  const trouble = resource.findings.filter(isTrouble);
  // One cause often fails several controls: it is told once.
  const causes = Map.groupBy(trouble, ({ status, control, message }) =>
    control === COMPOSITE ? COMPOSITE : `${status} ${message}`,
  );
  const quiet = quietCount(resource);
  return [
    heading(resource, '', paint, width),
    ...[...causes.values()].flatMap((cause) => causeLines(cause, paint, width)),
    ...(quiet === '' ? [] : [`  ${paint.dim(quiet)}`]),
  ].join('\n');
}

const VERDICT: Readonly<Record<Status, string>> = {
  PASS: 'closed',
  FAIL: 'OPEN',
  UNKNOWN: 'not decided',
  NOT_APPLICABLE: 'not applicable',
};

/** Name, verdict and place; on two lines where one is too narrow. */
function heading(
  { composite, findings: [first] }: ResourceFindings,
  note: string,
  paint: Paint,
  width: number,
): string {
  if (first === undefined) return '';
  const { account, region, name, type } = first.resource;
  const verdict = composite === undefined ? [] : [VERDICT[composite.status]];
  const title = [printable(name), ...verdict].join('  ');
  const painted = [
    paint.bold(printable(name)),
    ...verdict.map((text) => paint.status(composite?.status ?? 'UNKNOWN', text)),
  ].join('  ');
  const place = printable([type, account, region, note].filter((part) => part !== '').join(' · '));
  const fits = stringWidth(title) + 2 + stringWidth(place) <= width;
  return `${painted}${fits ? '  ' : '\n  '}${paint.dim(place)}`;
}

function quietCount({ findings }: ResourceFindings): string {
  const count = (wanted: Status, text: string) => {
    const number = findings.filter(({ status }) => status === wanted).length;
    return number === 0 ? [] : [`${number} ${text}`];
  };
  return [...count('PASS', 'pass'), ...count('NOT_APPLICABLE', 'do not apply')].join(', ');
}

function causeLines(cause: readonly Finding[], paint: Paint, width: number): readonly string[] {
  const [first] = cause;
  if (first === undefined) return [];
  // Its proof and remedy are the other findings of the block.
  if (first.control === COMPOSITE) return rows([first], paint, width, `: ${first.message}`);
  const { message, proof } = first;
  const text = shortIds(message);
  const key = proof[0] === undefined ? undefined : shortIds(proof[0].line);
  return [
    ...rows(cause, paint, width, ''),
    ...wrap(text, width, INDENT),
    ...(key === undefined || key === text ? [] : labelled('proof: ', key, width, INDENT).map(paint.dim)),
    ...remedyLines(first, paint, width),
  ];
}

/** The remedy in a sentence, and its first commands. What is only advisable has both in `explain`. */
function remedyLines({ status, severity, remediation, fix }: Finding, paint: Paint, width: number): readonly string[] {
  if (status !== 'FAIL' || remediation === undefined || compareSeverity(severity, 'LOW') >= 0) return [];
  const commands = (fix?.commands ?? []).filter((command) => !remediation.includes(command));
  const more = commands.length - COMMANDS;
  return [
    ...labelled('fix:   ', remediation, width, INDENT),
    ...(fix?.checkFirst ?? []).flatMap((check) => labelled('first: ', check, width, INDENT)),
    ...commands.slice(0, COMMANDS).flatMap((command) => commandLines(command, width).map(paint.dim)),
    ...(more > 0 ? [paint.dim(`${INDENT}       and ${more} more`)] : []),
  ];
}

/** Broken before its options, so that it can be copied as it stands. */
function commandLines(command: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const part of printable(command).split(/ (?=--)/)) {
    const last = lines.at(-1);
    const margin = `${INDENT}       `;
    if (last === undefined) lines.push(`${INDENT}     $ ${part}`);
    else if (stringWidth(last) + stringWidth(part) + 3 > width) lines.push(`${margin}  ${part}`);
    else lines[lines.length - 1] = `${last} ${part}`;
  }
  return lines.map((line, index) => (index === lines.length - 1 ? line : `${line} \\`));
}

/** The controls of one cause: a line each while they are few, under their number where they are many. */
function rows(cause: readonly Finding[], paint: Paint, width: number, text: string): readonly string[] {
  if (cause.length <= BESIDE || cause.some(({ exception }) => exception !== undefined))
    return cause.flatMap((finding) => row(finding, paint, width, text));
  const [first] = cause;
  if (first === undefined) return [];
  const reason = first.status === 'UNKNOWN' ? ` (${first.reason})` : '';
  return [
    `  ${mark(first, paint)}${paint.bold(`${cause.length} controls`)}${reason}`,
    ...wrap(cause.map(({ control }) => control).join(', '), width, INDENT).map(paint.dim),
  ];
}

function row(finding: Finding, paint: Paint, width: number, text: string): readonly string[] {
  const { control, status, reason, exception } = finding;
  const note = status === 'UNKNOWN' && text === '' ? ` (${reason})` : '';
  const margin = ' '.repeat(MARK_WIDTH + 2);
  const [start = '', ...more] = wrap(`${control}${text}${note}`, width, margin);
  const plain = start.slice(margin.length);
  const bold = plain.startsWith(control) ? `${paint.bold(control)}${plain.slice(control.length)}` : plain;
  return [
    `  ${mark(finding, paint)}${bold}`,
    ...more,
    ...(exception === undefined
      ? []
      : wrap(`accepted by ${exception.owner} until ${exception.expires}: ${exception.reason}`, width, INDENT)),
  ];
}

function mark({ status, severity }: Finding, paint: Paint): string {
  if (status !== 'FAIL') return paint.status(status, status.padEnd(MARK_WIDTH));
  const level = severity === 'INFORMATIONAL' ? 'INFO' : severity;
  return `${paint.status(status, status)} ${paint.severity(severity, level.padEnd(MARK_WIDTH - status.length - 1))}`;
}

function coverageBlock(targets: readonly TargetReport[], paint: Paint, width: number): string {
  const unread = targets.filter(({ status }) => status === 'failed' || status === 'partial');
  const skipped = targets.filter(({ status }) => status === 'skipped');
  return [
    `${paint.bold('Coverage')}  ${readOf(targets)}`,
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

function summaryBlock(run: ScanOutput['run'], findings: readonly Finding[], paint: Paint, width: number): string {
  const counts = findingCounts(findings);
  const clusters = clusterCounts(findings);
  const trouble = byResource(findings.filter(({ resource }) => resource.type !== 'target'))
    .flatMap((resource) => resource.findings)
    .find((finding) => finding.control !== COMPOSITE && isTrouble(finding));
  return [
    `${paint.bold('Clusters')}  ${clusters.closed} closed, ${paint.status('FAIL', `${clusters.open} open`)}, ${clusters.unknown} not decided`,
    `${paint.bold('Findings')}  ${counts.FAIL} fail, ${counts.UNKNOWN} unknown, ${counts.PASS} pass, ${counts.NOT_APPLICABLE} not applicable`,
    paint.dim(`run ${run.id}: ${run.status}, ${run.apiCalls} calls`),
    ...(trouble === undefined
      ? []
      : labelled(
          'next: ',
          `npm run -s ringfence -- explain ${trouble.control} (what it demands); --format json and html have every proof`,
          width,
          '',
        ).map(paint.dim)),
  ].join('\n');
}
