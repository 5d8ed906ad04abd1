import { cisKubernetes201 } from './cis-kubernetes-2.0.1.ts';
import type { Framework } from './framework.ts';

/** Reference: CIS Kubernetes Benchmark v1.12, for Kubernetes 1.32 to 1.34; the numbers used here are those of v2.0.1. */
export const cisKubernetes112: Framework = { ...cisKubernetes201, id: 'cis-kubernetes-1.12', version: '1.12' };
