import { runDemo } from '#estate/demo.ts';
import { toTable } from '#formats/table.ts';
import { paint, terminalWidth } from './formats.ts';

export async function demo(): Promise<void> {
  const width = terminalWidth();
  await runDemo({
    print: (text) => process.stdout.write(`${text}\n`),
    table: (result) => toTable(result, paint(), width),
    width,
  });
}
