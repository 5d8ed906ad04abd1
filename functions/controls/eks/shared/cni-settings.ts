import type { EksEvidence } from '#domain/evidence/eks.ts';
import { type Proof, unknown, unknownBecause, type Verdict } from '#domain/verdict.ts';

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
    return unknown('undecidable', 'vpc-cni is no managed add-on here: its settings are inside the cluster', [listed]);
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
