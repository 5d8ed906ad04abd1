import Table from 'cli-table3';
import { catalogue } from '#app/catalogue.ts';
import { terminalWidth } from './formats.ts';

export async function controls({ format }: { readonly format: 'table' | 'json' }): Promise<void> {
  const entries = catalogue();
  if (format === 'json') {
    process.stdout.write(`${JSON.stringify(entries, undefined, 2)}\n`);
    return;
  }
  const width = terminalWidth();
  const idWidth = Math.max(...entries.map(({ id }) => id.length)) + 2;
  const table = new Table({
    head: ['control', 'severity', 'what must hold'],
    style: { head: [], border: [] },
    colWidths: [idWidth, 15, Math.max(width - idWidth - 19, 30)],
    wordWrap: true,
  });
  for (const { id, severity, title } of entries) table.push([id, severity, title]);
  process.stdout.write(`${table.toString()}\n${entries.length} controls\n`);
}
