import type { EksEvidence } from '#domain/evidence/eks.ts';
import { shellQuote } from '#domain/shell.ts';
import { type Fix, type Proof, unknown, unknownBecause, type Verdict } from '#domain/verdict.ts';

/**
 * The settings of the VPC CNI add-on, if they were read. Without the add-on the CNI is managed inside the cluster, where this account's role does
 * not look. Source: EKS user guide, Amazon VPC CNI add-on.
 */
export function withCniSettings(
  { addons, vpcCni }: EksEvidence,
  judge: (text: string, proof: Proof) => Verdict,
): Verdict {
  if (addons.state === 'unavailable') return unknownBecause(addons);
  const listed: Proof = {
    kind: 'fact',
    line: `add-ons: ${addons.value.length === 0 ? 'none' : addons.value.join(', ')}`,
    field: 'addons',
    value: addons.value,
    source: addons.source,
  };
  if (vpcCni.state !== 'listed') {
    return unknown('undecidable', 'vpc-cni is not a managed add-on here: its settings are inside the cluster', [
      listed,
    ]);
  }
  const { configuration } = vpcCni;
  if (configuration.state === 'unavailable') return unknownBecause(configuration, [listed]);
  const { value } = configuration;
  if (value.state === 'malformed') {
    return unknown('malformed-answer', `configurationValues of vpc-cni is ${value.raw}`, [listed]);
  }
  const text = value.state === 'given' ? value.value : '';
  return judge(text, {
    kind: 'fact',
    line: `vpc-cni configurationValues = ${text === '' ? 'not set, which means the defaults' : text}`,
    field: 'addon.configurationValues',
    value: text,
    source: configuration.source,
  });
}

/**
 * One switch out of the configuration, which is a text of JSON or of YAML and quotes its booleans or not. A key that is not there is the default,
 * which is off for both switches in use. Undefined: there, and neither on nor off.
 */
export function cniSwitch(text: string, key: string): boolean | undefined {
  const words = [
    ...withoutComments(text).matchAll(new RegExp(`(?:^|[\\s{,"'])${key}["']?\\s*:\\s*["']?([^\\s"',}#]*)`, 'g')),
  ].map(([, word = '']) => word.toLowerCase());
  if (words.length === 0) return false;
  if (words.every((word) => word === 'true')) return true;
  return words.every((word) => word === 'false') ? false : undefined;
}

/**
 * The settings that are there with one more: a call that names only the new one takes all others away. Settings in YAML are left to their owner.
 */
export function cniFix(
  { region, name, vpcCni }: EksEvidence,
  change: Readonly<Record<string, string | Readonly<Record<string, string>>>>,
): Fix {
  const text =
    vpcCni.state === 'listed' &&
    vpcCni.configuration.state === 'collected' &&
    vpcCni.configuration.value.state === 'given'
      ? vpcCni.configuration.value.value
      : '';
  const values = withSettings(text, change);
  return {
    commands: [
      `aws eks update-addon --region ${shellQuote(region)} --cluster-name ${shellQuote(name)} --addon-name vpc-cni --resolve-conflicts PRESERVE --configuration-values ${shellQuote(values)}`,
    ],
    fragments: [
      {
        language: 'cloudformation',
        code: `Type: AWS::EKS::Addon\nProperties:\n  ClusterName: ${name}\n  AddonName: vpc-cni\n  ConfigurationValues: '${values}'`,
      },
    ],
  };
}

function withSettings(
  text: string,
  change: Readonly<Record<string, string | Readonly<Record<string, string>>>>,
): string {
  let present: unknown;
  try {
    present = text.trim() === '' ? {} : JSON.parse(text);
  } catch {
    // YAML: it is merged by whoever wrote it.
    return `<the present settings, with ${JSON.stringify(change)}>`;
  }
  const settings =
    typeof present === 'object' && present !== null ? (present as Readonly<Record<string, unknown>>) : {};
  const merged = Object.entries(change).map(([key, value]) => {
    const old = settings[key];
    return [key, typeof value === 'object' && typeof old === 'object' && old !== null ? { ...old, ...value } : value];
  });
  return JSON.stringify({ ...settings, ...Object.fromEntries(merged) });
}

/** JSON has no comments; in YAML a switch that is commented out is not set. */
function withoutComments(text: string): string {
  try {
    JSON.parse(text);
    return text;
  } catch {
    // Not JSON, so it is YAML.
    return text.replaceAll(/(^|\s)#.*$/gm, '$1');
  }
}
