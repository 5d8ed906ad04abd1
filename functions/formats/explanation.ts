import type { Finding } from '#domain/finding.ts';
import { printable } from '#domain/printable.ts';
import { shortIds } from '#domain/short-ids.ts';
import type { Proof } from '#domain/verdict.ts';
import type { Paint } from './paint.ts';
import { wrap } from './text.ts';

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
    ...proofLines(proof, paint, width),
    ...(remediation === undefined ? [] : ['', paint.bold('fix'), ...wrap(remediation, width, '  ')]),
    ...(fix?.checkFirst ?? []).flatMap((check) => wrap(`first: ${check}`, width, '  ')),
    // Whole, however long: they are copied.
    ...(fix?.commands ?? []).map((command) => `  $ ${printable(command)}`),
    ...(fix?.fragments ?? []).flatMap(({ language, code }) => [
      '',
      paint.dim(`  # ${language}`),
      ...code.split('\n').map((line) => `  ${printable(line)}`),
    ]),
    ...(fix?.nothingElseUses === undefined ? [] : ['', paint.dim('  nothing else uses what this removes:')]),
    ...proofLines(fix?.nothingElseUses ?? [], paint, width),
  ].join('\n')}\n`;
}

/** Line by line, paths as one tree: what several of them share is said once. */
function proofLines(proof: readonly Proof[], paint: Paint, width: number): readonly string[] {
  const lines: string[] = [];
  const roots: Branch[] = [];
  for (const { line, hops, source } of proof) {
    const read = source === undefined ? [] : [paint.dim(printable(`     ${source.api}, read ${source.at}`))];
    if (hops !== undefined && hops.length > 1) graft(hops, read, roots);
    else lines.push(...wrap(shortIds(line), width, '  '), ...read);
  }
  return [...lines, ...roots.flatMap((root) => [`  ${label(root)}`, ...root.notes, ...limbs(root, '  ')])];
}

interface Branch {
  readonly name: string;
  readonly notes: string[];
  readonly children: Branch[];
}

/** Ids stay whole while paths are joined: two subnets of one name are two. */
function label({ name }: Branch): string {
  return printable(shortIds(name));
}

function graft(hops: readonly string[], notes: readonly string[], siblings: Branch[]): void {
  const [name, ...rest] = hops;
  if (name === undefined) return;
  const known = siblings.find((branch) => branch.name === name);
  const branch = known ?? { name, notes: [], children: [] };
  if (known === undefined) siblings.push(branch);
  if (rest.length === 0) branch.notes.push(...notes);
  else graft(rest, notes, branch.children);
}

function limbs({ children }: Branch, indent: string): readonly string[] {
  return children.flatMap((child, index) => {
    const last = index === children.length - 1;
    return [
      `${indent}${last ? '└─ ' : '├─ '}${label(child)}`,
      ...child.notes,
      ...limbs(child, `${indent}${last ? '   ' : '│  '}`),
    ];
  });
}
