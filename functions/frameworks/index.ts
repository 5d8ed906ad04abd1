import { cisKubernetes112 } from './cis-kubernetes-1.12.ts';
import { cisKubernetes124 } from './cis-kubernetes-1.24.ts';
import { cisKubernetes201 } from './cis-kubernetes-2.0.1.ts';
import { cisAks18, cisEks180 } from './cis-managed.ts';
import type { Framework } from './framework.ts';

/** Every standard that findings can be mapped to. */
export const FRAMEWORKS: readonly Framework[] = [
  cisKubernetes201,
  cisKubernetes112,
  cisKubernetes124,
  cisEks180,
  cisAks18,
];

/** The requirements that a control speaks to: `{framework, requirement}`, in the order of the frameworks. */
export function requirementsOf(
  controlId: string,
): readonly { readonly framework: string; readonly requirement: string }[] {
  return FRAMEWORKS.flatMap(({ id, requirements }) =>
    Object.entries(requirements)
      .filter(([, controls]) => controls.includes(controlId))
      .map(([requirement]) => ({ framework: id, requirement })),
  );
}
