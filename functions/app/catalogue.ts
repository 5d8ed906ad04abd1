import { CLOSED_NETWORK } from '#controls/closed-network.ts';
import { COVERAGE } from '#controls/coverage.ts';
import { CONTROLS } from '#controls/index.ts';
import type { Parameter } from '#domain/control.ts';
import type { SubjectKind } from '#domain/evidence/index.ts';
import type { Provider } from '#domain/target.ts';
import type { Severity } from '#domain/verdict.ts';
import { type Requirement, requirementsOf } from '#frameworks/index.ts';

export interface CatalogueEntry {
  readonly id: string;
  readonly title: string;
  readonly severity: Severity;
  readonly provider: Provider | 'any';
  readonly basis: string;
  readonly reference: string;
  readonly remediation: string;
  readonly needs: readonly string[];
  readonly parameters: Readonly<Record<string, Parameter>>;
  /** Requirements of published standards that the control speaks to. */
  readonly frameworks: readonly Requirement[];
}

const PROVIDER = {
  eks: 'aws',
  aks: 'azure',
  iks: 'ibm',
  'ibm-account': 'ibm',
  kubernetes: 'kubernetes',
  kubespray: 'kubespray',
} as const satisfies Record<SubjectKind, Provider>;

/** Every control as people and the API see it, the composites and coverage included. */
export function catalogue(): readonly CatalogueEntry[] {
  return [
    ...CONTROLS.map(({ id, title, severity, subject, basis, reference, remediation, needs, parameters }) => ({
      id,
      title,
      severity,
      provider: PROVIDER[subject],
      basis,
      reference,
      remediation,
      needs,
      parameters: parameters ?? {},
      frameworks: requirementsOf(id),
    })),
    ...[CLOSED_NETWORK, COVERAGE].map((entry) => ({
      ...entry,
      provider: 'any' as const,
      needs: [],
      parameters: {},
      frameworks: requirementsOf(entry.id),
    })),
  ];
}
