import type { CatalogueEntry } from '#app/catalogue.ts';
import { CONTROLS } from '#controls/index.ts';
import { limitsOf, type Parameter } from '#domain/control.ts';
import { PROVIDER_FACTS } from '#domain/provider-facts.ts';
import { PROVIDERS } from '#domain/target.ts';
import { byStandard } from '#frameworks/index.ts';

const DEFAULTS = new Map(CONTROLS.map(({ id, defaults = {} }) => [id, Object.entries(defaults)]));

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
  return `${[INTRODUCTION, ...chapters].join('\n\n')}\n`;
}

const INTRODUCTION = `# Controls

<!-- Written by \`npm run docs\` from the catalogue. Change the control, not this page. -->

A control is a statement that must hold. It answers PASS, FAIL, UNKNOWN (with the reason why it could not be decided) or NOT_APPLICABLE, always
with proof. The ids are public interface: they do not change. Every control takes \`enabled\` and \`severity\` under \`controls:\` in
\`ringfence.yaml\`; further parameters are listed with the control. "Needs" names the permissions without which the control is UNKNOWN.
"Not sent" names the fields that a provider leaves out where its documented default holds; any other field that is missing makes the control
UNKNOWN. "Basis" says where the statement comes from; the seeds are the five articles that the catalogue grew out of: 000 private masters on IBM Cloud,
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
