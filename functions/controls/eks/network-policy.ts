import { fail, pass, unknown } from '#domain/verdict.ts';
import { clusterFact, missingField } from './shared/cluster.ts';
import { cniFix, cniSwitch, withCniSettings } from './shared/cni-settings.ts';
import { eksDefaults } from './shared/defaults.ts';
import { defineEksControl } from './shared/define-eks-control.ts';

const KEY = 'enableNetworkPolicy';

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
      if (on) return pass('the VPC CNI enforces network policies', [proof]);
      return fail('off', `${KEY} of the vpc-cni add-on is off, so the VPC CNI enforces no network policy`, [proof], {
        fix: cniFix(evidence, { [KEY]: 'true' }),
      });
    });
  },
});
