import { bad, good, undecided } from './shared/assessment.ts';
import { byVariable, HARDENING } from './shared/by-variable.ts';
import { defineKubesprayControl } from './shared/define-kubespray-control.ts';
import { byValue } from './shared/judgements.ts';

const ACCEPTED = ['aescbc', 'secretbox', 'kms'];

export default defineKubesprayControl({
  id: 'kubespray-encryption-algorithm',
  title: 'The provider that encrypts Secrets, where they are, is one of the CIS list',
  severity: 'MEDIUM',
  ...HARDENING,
  remediation: 'Set kube_encryption_algorithm: secretbox.',
  evaluate: byVariable({
    set: 'kube_encryption_algorithm: secretbox',
    hosts: 'kube_control_plane',
    judge: byValue('kube_encryption_algorithm', (value, where) => {
      if (typeof value !== 'string') return undecided('unrecognised-value', `${where} is not a name`);
      return ACCEPTED.includes(value) ? good(where) : bad('not-accepted', where);
    }),
  }),
});
