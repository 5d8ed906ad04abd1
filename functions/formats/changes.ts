import type { AlertMessage } from '#domain/alert.ts';
import { CHANGE_WORDS } from '#domain/change.ts';
import { printable } from '#domain/printable.ts';
import type { Paint } from './paint.ts';
import { wrap } from './text.ts';

const INDENT = '            ';

/** What a stored scan changed, a line for each resource and direction. */
export function toChanges(changes: readonly AlertMessage[], first: boolean, paint: Paint, width: number): string {
  if (first) return `${paint.bold('The first scan of this store: everything is new')}\n`;
  if (changes.length === 0) return `${paint.bold('Nothing changed since the last scan')}\n`;
  const byRules = changes.filter(({ rules }) => rules !== undefined);
  const byClusters = changes.filter(({ rules }) => rules === undefined);
  const version = byRules[0]?.rules ?? '';
  return [
    ...section('Changed since the last scan', byClusters, paint, width),
    ...section(
      `Judged differently since version ${version}: the rules changed, not the clusters`,
      byRules,
      paint,
      width,
    ),
  ].join('');
}

function section(title: string, changes: readonly AlertMessage[], paint: Paint, width: number): readonly string[] {
  if (changes.length === 0) return [];
  const lines = changes.flatMap(({ resource, entries }) => {
    const closed = entries.filter(({ kind }) => kind === 'closed');
    const opened = entries.filter(({ kind }) => kind !== 'closed');
    return [
      ...row('failed', resource.name, opened, paint, width),
      ...row('fixed', resource.name, closed, paint, width),
    ];
  });
  return [`${[paint.bold(title), ...lines].join('\n')}\n`];
}

function row(
  word: 'failed' | 'fixed',
  name: string,
  entries: AlertMessage['entries'],
  paint: Paint,
  width: number,
): readonly string[] {
  if (entries.length === 0) return [];
  const texts = entries.map(({ control, severity, kind }) =>
    kind === 'closed'
      ? control
      : kind === 'opened'
        ? `${control} ${severity}`
        : `${control} ${severity} (${CHANGE_WORDS[kind]})`,
  );
  const status = word === 'failed' ? 'FAIL' : 'PASS';
  return [
    `  ${paint.status(status, word.padEnd(6))}    ${paint.bold(printable(name))}`,
    ...wrap(texts.join(', '), width, INDENT),
  ];
}
