import { writeFile } from 'node:fs/promises';
import { generatedFiles } from './docs/generated-files.ts';

/** Writes what is generated from the code: the page of controls and the schema of the configuration. */
const root = new URL('../', import.meta.url);
for (const [path, text] of generatedFiles()) {
  await writeFile(new URL(path, root), text);
  console.log(path);
}
