import { toFindingJson } from '#formats/json.ts';
import { toFindingList } from '#formats/table.ts';
import { paint, terminalWidth } from './formats.ts';
import { allFindings, withStore } from './stored.ts';

export async function findings({
  store,
  format,
}: {
  readonly store: string;
  readonly format: 'table' | 'json';
}): Promise<void> {
  const found = await withStore(store, allFindings);
  process.stdout.write(
    format === 'json'
      ? `${JSON.stringify(found.map(toFindingJson), undefined, 2)}\n`
      : toFindingList(found, paint(), terminalWidth()),
  );
}
