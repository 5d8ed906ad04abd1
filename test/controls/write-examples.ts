import { writeFile } from 'node:fs/promises';
import { examplesOf, textOf } from './examples.ts';

/** First half of `npm run docs`: what controls say of the evidence of their tests, for docs/controls.md. */
const path = 'bin/docs/examples.json';
await writeFile(new URL(`../../${path}`, import.meta.url), textOf(await examplesOf()));
console.log(path);
