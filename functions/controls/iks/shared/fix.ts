import type { IksEvidence } from '#domain/evidence/ibm.ts';
import { shellQuote } from '#domain/shell.ts';
import type { Fix } from '#domain/verdict.ts';
import { isVpc } from './cluster.ts';

/** Commands that name the ids involved; what Ringfence does not know stands in angle brackets. */
export function fixWith(...commands: readonly string[]): { readonly fix: Fix } {
  return { fix: { commands, fragments: [] } };
}

export function refreshMaster({ id }: IksEvidence): string {
  return `ibmcloud ks cluster master refresh --cluster ${shellQuote(id)}`;
}

/** Switching the endpoint off reaches classic workers only when they are replaced. Source: CIS IBM Cloud Foundations Benchmark 7.1.4. */
export function closePublicEndpoint(evidence: IksEvidence): readonly string[] {
  return [
    `ibmcloud ks cluster master public-service-endpoint disable --cluster ${shellQuote(evidence.id)}`,
    refreshMaster(evidence),
    ...(isVpc(evidence) ? [] : replaceWorkers(evidence)),
  ];
}

const NAMED = 20;

export function replaceWorkers({ id, workers }: IksEvidence): readonly string[] {
  const ids = workers.state === 'collected' ? workers.value.map((worker) => worker.id) : [];
  const replace = (worker: string) => `ibmcloud ks worker replace --cluster ${shellQuote(id)} --worker ${worker}`;
  const named = ids.slice(0, NAMED).map((worker) => replace(shellQuote(worker)));
  return named.length > 0 && named.length === ids.length ? named : [...named, replace('<each further worker>')];
}
