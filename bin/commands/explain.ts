import { type CatalogueEntry, catalogue } from '#app/catalogue.ts';
import { toFindingJson } from '#formats/json.ts';
import { toExplanation, wrap } from '#formats/table.ts';
import { CannotRun } from '../cannot-run.ts';
import { cited } from '../docs/controls-page.ts';
import { paint, terminalWidth } from './formats.ts';
import { withStore } from './stored.ts';

/** A control's statement, or a stored finding's proof hop by hop. */
export async function explain(
  subject: string,
  { store, format }: { readonly store: string; readonly format: 'table' | 'json' },
): Promise<void> {
  const control = catalogue().find(({ id }) => id === subject);
  if (control !== undefined) {
    process.stdout.write(format === 'json' ? `${JSON.stringify(control, undefined, 2)}\n` : describe(control));
    return;
  }
  const near = catalogue()
    .filter(({ id }) => id.includes(subject))
    .map(({ id }) => id);
  if (!/^[\w-]{22}$/.test(subject)) {
    throw new CannotRun([
      `${subject} is neither a control nor a finding id${near.length > 0 ? `; did you mean ${near.slice(0, 5).join(', ')}?` : ''}`,
    ]);
  }
  const found = await withStore(store, ({ queries }) => queries.byId(subject));
  if (found === undefined) throw new CannotRun([`${store} holds no finding ${subject}`]);
  process.stdout.write(
    format === 'json'
      ? `${JSON.stringify(toFindingJson(found.finding), undefined, 2)}\n`
      : toExplanation(found.finding, paint(), terminalWidth()),
  );
}

function describe({
  id,
  title,
  severity,
  provider,
  basis,
  reference,
  remediation,
  needs,
  parameters,
  frameworks,
}: CatalogueEntry): string {
  const colours = paint();
  const width = terminalWidth();
  const row = (name: string, text: string) =>
    `${wrap(text, width, '               ')
      .join('\n')
      .replace(/^ {15}/, colours.dim(name.padEnd(15)))}`;
  return `${[
    colours.bold(id),
    ...wrap(title, width, ''),
    '',
    row('severity', severity),
    row('provider', provider),
    row('basis', basis),
    row('reference', reference),
    row('fix', remediation),
    ...(needs.length > 0 ? [row('reads', needs.join(', '))] : []),
    ...(frameworks.length > 0 ? [row('standards', cited(frameworks))] : []),
    ...Object.entries(parameters).map(([name, { describe: text, default: value }]) =>
      row(name, `${text} (default ${JSON.stringify(value)})`),
    ),
  ].join('\n')}\n`;
}
