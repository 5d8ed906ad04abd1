import { cisKubernetes201 } from './cis-kubernetes-2.0.1.ts';
import { type Framework, renumbered } from './framework.ts';

/** Reference: CIS Kubernetes Benchmark v1.24, current when the hardening article was written; numbers differ from v1.9 on. */
export const cisKubernetes124: Framework = {
  id: 'cis-kubernetes-1.24',
  name: 'CIS Kubernetes Benchmark',
  version: '1.24',
  requirements: {
    ...renumbered(cisKubernetes201.requirements, {
      '1.2.15': '1.2.17',
      '1.2.16': '1.2.18',
      '1.2.17': '1.2.19',
      '1.2.18': '1.2.20',
      '1.2.19': '1.2.21',
      '1.2.20': '1.2.22',
      '1.2.21': '1.2.23',
      '1.2.27': '1.2.29',
      '1.2.28': '1.2.30',
      '1.2.29': '1.2.31',
      '4.2.6': '4.2.7',
      '4.2.8': '4.2.9',
      '4.2.10': '4.2.11',
      '4.2.11': '4.2.12',
      '4.2.12': '4.2.13',
      // New in v1.11.
      '4.2.14': '',
    }),
    '1.2.15': ['kubespray-admission-plugins'],
    // Dropped in v1.7.
    '4.2.6': ['kubespray-kubelet-protect-kernel-defaults'],
  },
};
