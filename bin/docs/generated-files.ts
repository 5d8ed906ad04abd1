import { catalogue } from '#app/catalogue.ts';
import { configurationSchema } from './configuration-schema.ts';
import { controlsPage } from './controls-page.ts';

/** Every file of the repository that is written by `npm run docs`, with what it must hold. Paths are relative to the root. */
export function generatedFiles(): ReadonlyMap<string, string> {
  return new Map([
    ['docs/controls.md', controlsPage(catalogue())],
    ['ringfence.schema.json', configurationSchema()],
  ]);
}
