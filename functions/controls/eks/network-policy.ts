import type { EksEvidence } from '#domain/evidence/eks.ts';
import { shellQuote } from '#domain/shell.ts';
import { fail, type Proof, pass, unknown, unknownBecause, type Verdict } from '#domain/verdict.ts';
import { clusterFact, missingField } from './shared/cluster.ts';
import { cniFix, cniSwitch, withCniSettings } from './shared/cni-settings.ts';
import { eksDefaults } from './shared/defaults.ts';
import { defineEksControl } from './shared/define-eks-control.ts';

const KEY = 'enableNetworkPolicy';
const FIRST_MINOR = 14;

export default defineEksControl({
  id: 'eks-network-policy',
  title: 'A policy-enforcing CNI is switched on',
  severity: 'HIGH',
  basis: 'seed 002: network policies need a CNI that enforces them',
  reference: 'EKS user guide, network policies with the Amazon VPC CNI',
  remediation: 'Switch network policy on in the configuration of the vpc-cni add-on (version 1.14 or later).',
  needs: ['eks:DescribeCluster', 'eks:ListAddons', 'eks:DescribeAddon'],
  defaults: eksDefaults('vpcCni.configuration'),
  evaluate(subject) {
    const { evidence } = subject;
    const { autoMode } = subject.cluster;
    if (autoMode.state === 'malformed') return missingField('computeConfig.enabled', autoMode);
    if (autoMode.state === 'given' && autoMode.value) {
      return unknown('undecidable', 'Auto Mode keeps this setting in NodeClasses inside the cluster', [
        clusterFact(subject, 'computeConfig.enabled', true),
      ]);
    }
    return withCniSettings(evidence, (text, proof) => {
      const on = cniSwitch(text, KEY);
      if (on === undefined)
        return unknown('unrecognised-value', `${KEY} of vpc-cni is neither true nor false`, [proof]);
      if (on) return judgeVersion(evidence, proof);
      return fail('off', `${KEY} of the vpc-cni add-on is off, so the VPC CNI enforces no network policy`, [proof], {
        fix: cniFix(evidence, { [KEY]: 'true' }),
      });
    });
  },
});

/** The setting is of version 1.14 and later. An older add-on takes it and enforces nothing. Source: EKS user guide, network policies. */
function judgeVersion({ addonDescriptions, region, name }: EksEvidence, setting: Proof): Verdict {
  const cni = addonDescriptions.find((addon) => addon.name === 'vpc-cni')?.description;
  if (cni === undefined) return unknown('absent-field', 'the version of vpc-cni was not read', [setting]);
  if (cni.state === 'unavailable') return unknownBecause(cni, [setting]);
  const { version } = cni.value;
  if (version.state !== 'given') return missingField('addonVersion of vpc-cni', version);
  const [, major = '', minor = ''] = /^v?(\d+)\.(\d+)(?:\.|-|$)/.exec(version.value) ?? [];
  const proof: readonly Proof[] = [
    {
      kind: 'fact',
      line: `vpc-cni is ${version.value}`,
      field: 'addon.addonVersion',
      value: version.value,
      source: cni.source,
    },
    setting,
  ];
  if (major === '') return unknown('unrecognised-value', `version ${version.value} of vpc-cni is not known`, proof);
  if (Number(major) > 1 || (Number(major) === 1 && Number(minor) >= FIRST_MINOR))
    return pass('the VPC CNI enforces network policies', proof);
  return fail(
    'version-too-old',
    `vpc-cni ${version.value} does not know ${KEY}, so it enforces no network policy`,
    proof,
    {
      fix: {
        checkFirst: ['Add-ons go up one minor version at a time. Which version is next for this cluster?'],
        commands: [
          `aws eks describe-addon-versions --region ${shellQuote(region)} --addon-name vpc-cni`,
          `aws eks update-addon --region ${shellQuote(region)} --cluster-name ${shellQuote(name)} --addon-name vpc-cni --resolve-conflicts PRESERVE --addon-version '<the next version>'`,
        ],
        fragments: [
          {
            language: 'cloudformation',
            code: `Type: AWS::EKS::Addon\nProperties:\n  ClusterName: ${name}\n  AddonName: vpc-cni\n  AddonVersion: <v1.${FIRST_MINOR} or later>`,
          },
        ],
      },
    },
  );
}
