import type { CatalogueEntry } from '#app/catalogue.ts';
import { CONTROLS } from '#controls/index.ts';
import { limitsOf, type Parameter } from '#domain/control.ts';
import { PROVIDER_FACTS } from '#domain/provider-facts.ts';
import { PROVIDERS } from '#domain/target.ts';
import { byStandard } from '#frameworks/index.ts';
import examples from './examples.json' with { type: 'json' };

const DEFAULTS = new Map(CONTROLS.map(({ id, defaults = {} }) => [id, Object.entries(defaults)]));

interface Example {
  readonly message: string;
  readonly proof?: string;
}

/** What the tests' evidence made each control say; a control that was not there when they were collected has none yet. */
const EXAMPLES: Readonly<Record<string, Readonly<Partial<Record<'PASS' | 'FAIL', Example>>>>> = examples;

const CHAPTERS: readonly (readonly [CatalogueEntry['provider'], heading: string])[] = [
  ...PROVIDERS.map((provider) => [provider, PROVIDER_FACTS[provider].chapter] as const),
  ['any', 'Composite and coverage'],
];

/** The page docs/controls.md: every control of the catalogue, by provider and id. */
export function controlsPage(entries: readonly CatalogueEntry[]): string {
  const chapters = CHAPTERS.flatMap(([provider, heading]) => {
    const own = entries.filter((entry) => entry.provider === provider).sort((a, b) => (a.id < b.id ? -1 : 1));
    return own.length === 0 ? [] : [`## ${heading}`, overview(own), ...own.map(detail)];
  });
  const sorted = entries.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  return `${[INTRODUCTION, ...chapters, ...exampleSection(sorted)].join('\n\n')}\n`;
}

const INTRODUCTION = `# Controls

<!-- Written by \`npm run docs\` from the catalogue. Change the control, not this page. -->

A control is a statement that must hold. It answers PASS, FAIL, UNKNOWN (with the reason why it could not be decided) or NOT_APPLICABLE, always
with proof. The ids are public interface: they do not change. Every control takes \`enabled\` and \`severity\` under \`controls:\` in
\`ringfence.yaml\`; further parameters are listed with the control. "Needs" names the permissions without which the control is UNKNOWN.
"Not sent" names the fields that a provider leaves out where its documented default holds; any other field that is missing makes the control
UNKNOWN. [Examples](#examples) of verdicts stand at the end. "Basis" says where the statement comes from; the seeds are the five articles that the catalogue grew out of: 000 private masters on IBM Cloud,
001 private EKS clusters, 002 Kubernetes network security, 003 closed AKS networks, 004 hardened Kubespray clusters.`;

function overview(entries: readonly CatalogueEntry[]): string {
  const rows = entries.map(({ id, severity, title }) => `| [\`${id}\`](#${id}) | ${severity} | ${cell(title)} |`);
  return ['| id | severity | what must hold |', '|---|---|---|', ...rows].join('\n');
}

function detail({
  id,
  severity,
  title,
  basis,
  reference,
  remediation,
  needs,
  parameters,
  frameworks,
}: CatalogueEntry): string {
  const facts = [
    `- Severity: ${severity}`,
    `- Basis: ${basis}`,
    `- Reference: ${reference}`,
    `- Remedy: ${remediation}`,
    ...(needs.length === 0 ? [] : [`- Needs: ${needs.map((need) => `\`${need}\``).join(', ')}`]),
    ...(frameworks.length === 0 ? [] : [`- Standards: ${byStandard(frameworks)}`]),
    ...Object.entries(parameters).map(
      ([name, parameter]) =>
        `- Parameter \`${name}\` (${limits(parameter)}default ${code(JSON.stringify(parameter.default))}): ${parameter.describe}`,
    ),
    ...(DEFAULTS.get(id) ?? []).map(
      ([field, { value, source }]) => `- Not sent: \`${field}\` counts as ${value} (${source})`,
    ),
  ];
  return `### ${id}\n\n${title}.\n\n${facts.join('\n')}`;
}

/**
 * At the end of the page, and not with each control: what changes a control's facts and what changes its messages are then changes of different
 * places, which git can merge.
 */
function exampleSection(entries: readonly CatalogueEntry[]): readonly string[] {
  const sections = entries.flatMap(({ id }) => {
    const lines = (['PASS', 'FAIL'] as const).flatMap((status) => exampleOf(status, EXAMPLES[id]?.[status]));
    return lines.length === 0 ? [] : [`[\`${id}\`](#${id})\n\n${lines.join('\n')}`];
  });
  return ['## Examples', EXAMPLES_INTRODUCTION, ...sections];
}

const EXAMPLES_INTRODUCTION = `What each control says of the evidence of its tests: one PASS and one FAIL, each with the key line of its proof.`;

function exampleOf(status: string, example: Example | undefined): readonly string[] {
  if (example === undefined) return [];
  // What says no more than the message is not repeated.
  const { message, proof = message } = example;
  return [`- ${status}: ${quoted(message)}${proof === message ? '' : `, by ${quoted(proof)}`}`];
}

/** Text of a cluster as code, so that nothing in it counts as markup. */
function quoted(text: string): string {
  return code(text.replaceAll('`', "'"));
}

function limits(parameter: Parameter): string {
  const text = limitsOf(parameter, code);
  return text === '' ? '' : `${text}; `;
}

function code(text: string): string {
  return `\`${text}\``;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
