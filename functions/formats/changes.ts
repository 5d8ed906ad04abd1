import type { AlertMessage } from '#domain/alert.ts';
import { printable } from '#domain/printable.ts';
import type { Paint } from './paint.ts';
import { wrap } from './text.ts';

const INDENT = '            ';

/** What a stored scan changed, a line for each resource and direction. */
export function toChanges(changes: readonly AlertMessage[], first: boolean, paint: Paint, width: number): string {
  const lines = changes.flatMap(({ resource, entries }) => {
    const closed = entries.filter(({ kind }) => kind === 'closed');
    const opened = entries.filter(({ kind }) => kind !== 'closed');
    return [
      ...row('opened', resource.name, opened, paint, width),
      ...row('closed', resource.name, closed, paint, width),
    ];
  });
  const title = first ? 'The first scan of this store: everything is new' : 'Changed since the last scan';
  if (first || lines.length === 0) return `${paint.bold(first ? title : 'Nothing changed since the last scan')}\n`;
  return `${[paint.bold(title), ...lines].join('\n')}\n`;
}

function row(
  word: 'opened' | 'closed',
  name: string,
  entries: AlertMessage['entries'],
  paint: Paint,
  width: number,
): readonly string[] {
  if (entries.length === 0) return [];
  const texts = entries.map(({ control, severity, kind }) =>
    kind === 'closed' ? control : kind === 'opened' ? `${control} ${severity}` : `${control} ${severity} (${kind})`,
  );
  const status = word === 'opened' ? 'FAIL' : 'PASS';
  return [
    `  ${paint.status(status, word)}    ${paint.bold(printable(name))}`,
    ...wrap(texts.join(', '), width, INDENT),
  ];
}
