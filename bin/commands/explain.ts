import { type CatalogueEntry, catalogue } from '#app/catalogue.ts';
import { suggestion } from '#config/nearest.ts';
import { limitsOf } from '#domain/control.ts';
import { COMPOSITE, type Finding } from '#domain/finding.ts';
import { toExplanation } from '#formats/explanation.ts';
import { toFindingJson } from '#formats/json.ts';
import { wrap } from '#formats/text.ts';
import { byStandard } from '#frameworks/index.ts';
import { CannotRun } from '../cannot-run.ts';
import { paint, terminalWidth } from './formats.ts';
import { findingsOf, withStore } from './stored.ts';

/** A control's statement, or a stored finding's whole proof: by its id, or by cluster and control as the tables name them. */
export async function explain(
  subject: string,
  { store, format }: { readonly store: string; readonly format: 'table' | 'json' },
): Promise<void> {
  const control = catalogue().find(({ id }) => id === subject);
  if (control !== undefined) {
    process.stdout.write(format === 'json' ? `${JSON.stringify(control, undefined, 2)}\n` : describe(control));
    return;
  }
  const finding = await find(subject, store);
  process.stdout.write(
    format === 'json'
      ? `${JSON.stringify(toFindingJson(finding), undefined, 2)}\n`
      : toExplanation(finding, paint(), terminalWidth()),
  );
}

async function find(subject: string, store: string): Promise<Finding> {
  const ids = catalogue().map(({ id }) => id);
  const control = ids.find((id) => subject.endsWith(`/${id}`));
  if (control !== undefined) return ofResource(subject.slice(0, -control.length - 1), control, store);
  if (!/^[\w-]{22}$/.test(subject)) {
    const near = suggestion(subject.slice(subject.lastIndexOf('/') + 1), ids);
    const next = near === '' && !subject.includes('/') ? `; if it is a cluster: explain ${subject}/${COMPOSITE}` : near;
    throw new CannotRun([`${subject} is neither a control, a finding id nor <cluster>/<control>${next}`]);
  }
  const found = await withStore(store, ({ queries }) => queries.byId(subject));
  if (found === undefined) throw new CannotRun([`${store} holds no finding ${subject}`]);
  return found.finding;
}

async function ofResource(name: string, control: string, store: string): Promise<Finding> {
  const stored = await withStore(store, ({ queries }) => findingsOf(queries, control));
  const found = stored.filter(({ resource }) => resource.name === name || resource.uid === name);
  const [first, ...others] = found;
  if (first === undefined) throw new CannotRun([`${store} holds no finding of ${control} on ${name}`]);
  if (others.length === 0) return first;
  const places = found.map(({ id, resource }) => `${id} (${resource.uid})`);
  throw new CannotRun([`${found.length} findings of ${control} are on resources named ${name}: ${places.join(', ')}`]);
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
    ...(frameworks.length > 0 ? [row('standards', byStandard(frameworks))] : []),
    ...Object.entries(parameters).map(([name, parameter]) => {
      const values = [limitsOf(parameter), `default ${JSON.stringify(parameter.default)}`].filter(Boolean).join('; ');
      return row(name, `${parameter.describe} (${values})`);
    }),
  ].join('\n')}\n`;
}
