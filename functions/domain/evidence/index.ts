import type * as v from 'valibot';
import { AksEvidence } from './aks.ts';
import { EksEvidence } from './eks.ts';
import { IbmAccountEvidence, IksEvidence } from './ibm.ts';
import { KubernetesEvidence } from './kubernetes.ts';
import { KubesprayEvidence } from './kubespray.ts';

/** The schema of the evidence of each kind of subject. Controls see evidence only after it has passed its schema. */
export const EVIDENCE_SCHEMAS = {
  eks: EksEvidence,
  aks: AksEvidence,
  iks: IksEvidence,
  'ibm-account': IbmAccountEvidence,
  kubernetes: KubernetesEvidence,
  kubespray: KubesprayEvidence,
} as const;

export type SubjectKind = keyof typeof EVIDENCE_SCHEMAS;

export type EvidenceByKind = { readonly [K in SubjectKind]: v.InferOutput<(typeof EVIDENCE_SCHEMAS)[K]> };
