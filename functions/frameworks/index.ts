import { cisKubernetes112 } from './cis-kubernetes-1.12.ts';
import { cisKubernetes124 } from './cis-kubernetes-1.24.ts';
import { cisKubernetes201 } from './cis-kubernetes-2.0.1.ts';
import { cisAks18, cisEks180, cisIbmCloud100 } from './cis-managed.ts';
import type { Framework, Requirement } from './framework.ts';
import { nist80053 } from './nist-800-53-5.ts';

export type { Requirement } from './framework.ts';

/** Every standard that findings can be mapped to. */
export const FRAMEWORKS: readonly Framework[] = [
  cisKubernetes201,
  cisKubernetes112,
  cisKubernetes124,
  cisEks180,
  cisAks18,
  cisIbmCloud100,
  nist80053,
];

/** The requirements that a control speaks to, in the order of the frameworks. */
export function requirementsOf(controlId: string): readonly Requirement[] {
  return FRAMEWORKS.flatMap(({ name, version, requirements }) =>
    Object.entries(requirements)
      .filter(([, controls]) => controls.includes(controlId))
      .map(([requirement]) => ({ framework: name, version, requirement })),
  );
}

/** The same as one text each: `CIS Amazon EKS Benchmark 1.8.0 5.4.1`. */
export function citationsOf(controlId: string): readonly string[] {
  return requirementsOf(controlId).map(
    ({ framework, version, requirement }) => `${framework} ${version} ${requirement}`,
  );
}

/** For people: `CIS Kubernetes Benchmark 2.0.1: 1.2.29, 4.2.12; ...` */
export function byStandard(requirements: readonly Requirement[]): string {
  return [...Map.groupBy(requirements, ({ framework, version }) => `${framework} ${version}`)]
    .map(([standard, cited]) => `${standard}: ${cited.map(({ requirement }) => requirement).join(', ')}`)
    .join('; ');
}
