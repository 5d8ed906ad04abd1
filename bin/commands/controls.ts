import { catalogue } from '#app/catalogue.ts';
import { wrap } from '#formats/text.ts';
import { paint, terminalWidth } from './formats.ts';

/** As wide as the longest severity and two blanks. */
const SEVERITY_WIDTH = 15;

export async function controls({ format }: { readonly format: 'table' | 'json' }): Promise<void> {
  const entries = catalogue();
  if (format === 'json') {
    process.stdout.write(`${JSON.stringify(entries, undefined, 2)}\n`);
    return;
  }
  const width = terminalWidth();
  const colours = paint();
  const chapters = [...Map.groupBy(entries, ({ provider }) => provider)].map(([provider, own]) => {
    const margin = Math.max(...own.map(({ id }) => id.length)) + 2;
    const indent = ' '.repeat(margin + SEVERITY_WIDTH);
    const lines = own.flatMap(({ id, severity, title }) => {
      const [first = '', ...more] = wrap(title, width, indent);
      const level = colours.severity(severity, severity.padEnd(SEVERITY_WIDTH));
      return [`${id.padEnd(margin)}${level}${first.trimStart()}`, ...more];
    });
    return [colours.bold(provider === 'any' ? 'every provider' : provider), ...lines].join('\n');
  });
  process.stdout.write(
    `${chapters.join('\n\n')}\n\n${entries.length} controls; npm run -s ringfence -- explain CONTROL says more\n`,
  );
}
