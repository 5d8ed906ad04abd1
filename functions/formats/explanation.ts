import type { Finding } from '#domain/finding.ts';
import type { Paint } from './paint.ts';
import { printable, wrap } from './text.ts';

/** One finding with all of its proof; paths as a small tree, and everything that repairs it. */
export function toExplanation(finding: Finding, paint: Paint, width: number): string {
  const { status, severity, control, title, reason, message, resource, proof, remediation, fix, exception } = finding;
  const level = status === 'FAIL' ? paint.severity(severity, severity) : reason;
  return `${[
    `${paint.status(status, status.replace('_', ' '))} ${level}  ${paint.bold(control)}`,
    ...wrap(title, width, ''),
    paint.dim(printable(`${resource.name} · ${resource.uid} · judged ${finding.evaluatedAt}`)),
    '',
    ...wrap(message, width, ''),
    ...(exception === undefined
      ? []
      : wrap(`accepted by ${exception.owner} until ${exception.expires}: ${exception.reason}`, width, '')),
    ...(proof.length === 0 ? [] : ['', paint.bold('proof')]),
    ...proof.flatMap(({ line, hops, source }) => [
      ...(hops === undefined || hops.length < 2
        ? wrap(line, width, '  ')
        : hops.map((hop, depth) => `  ${depth === 0 ? '' : `${'   '.repeat(depth - 1)}└─ `}${printable(hop)}`)),
      ...(source === undefined ? [] : [paint.dim(printable(`     ${source.api}, read ${source.at}`))]),
    ]),
    ...(remediation === undefined ? [] : ['', paint.bold('fix'), ...wrap(remediation, width, '  ')]),
    // Whole, however long: they are copied.
    ...(fix?.commands ?? []).map((command) => `  $ ${printable(command)}`),
    ...(fix?.fragments ?? []).flatMap(({ language, code }) => [
      '',
      paint.dim(`  # ${language}`),
      ...code.split('\n').map((line) => `  ${printable(line)}`),
    ]),
  ].join('\n')}\n`;
}
