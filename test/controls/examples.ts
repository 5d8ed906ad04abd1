import { CONTROLS } from '#controls/index.ts';
import { judge } from '#controls/judge.ts';
import type { Subject } from '#domain/collection.ts';
import type { Settings } from '#domain/settings.ts';
import { exampleSubjects } from './example-subjects.ts';
import { collectSubjects } from './subjects.ts';

/** What a control said of some evidence of the tests: the message, and the key line of its proof. */
interface Example {
  readonly message: string;
  readonly proof?: string;
}

export type Examples = Readonly<Record<string, { readonly PASS?: Example; readonly FAIL?: Example }>>;

/** The first PASS and the first FAIL of every control over the evidence of the tests, in the order of the ids. */
export async function examplesOf(): Promise<Examples> {
  const found = new Map<string, { PASS?: Example; FAIL?: Example }>(CONTROLS.map(({ id }) => [id, {}]));
  const plain: Settings = { profile: 'closed', controls: {} };
  for (const subject of await collectSubjects()) note(found, subject, plain);
  for (const { subject, controls } of await exampleSubjects()) note(found, subject, { ...plain, controls });
  return Object.fromEntries([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function note(found: Map<string, { PASS?: Example; FAIL?: Example }>, subject: Subject, settings: Settings): void {
  for (const { control, verdict } of judge(subject, CONTROLS, settings)) {
    const { status, message, proof } = verdict;
    if (status !== 'PASS' && status !== 'FAIL') continue;
    const [key] = proof;
    const examples = found.get(control.id);
    if (examples !== undefined) examples[status] ??= { message, ...(key === undefined ? {} : { proof: key.line }) };
  }
}

/** The text of bin/docs/examples.json. */
export function textOf(examples: Examples): string {
  return `${JSON.stringify(examples, undefined, 2)}\n`;
}
