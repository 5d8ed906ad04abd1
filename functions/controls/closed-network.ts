import { DIMENSIONS, type Dimension } from '#domain/control.ts';
import type { SubjectKind } from '#domain/evidence/index.ts';
import { COMPOSITE, type Exception } from '#domain/finding.ts';
import { UNKNOWN_REASONS, type UnknownReason } from '#domain/reason.ts';
import { fail, notApplicable, type Proof, pass, type Status, unknown, type Verdict } from '#domain/verdict.ts';
import { SCOPES } from './closed-network-scope.ts';
import { CONTROLS } from './index.ts';

export const CLOSED_NETWORK = {
  id: COMPOSITE,
  title: 'The cluster is closed: no way in from the internet and no way out to it',
  severity: 'HIGH',
  basis: 'seeds 000, 001 and 003: closed-network Kubernetes',
  reference: 'Ringfence catalogue, composite and coverage',
  remediation: 'Fix the controls of the dimension that the message names.',
} as const;

interface DimensionControls {
  readonly name: Dimension;
  readonly controls: readonly string[];
}

const IN_CLUSTER: Dimension = 'in-cluster isolation';

/** The controls of one kind of subject that declare the dimension. */
function controlsOf(kind: SubjectKind, name: Dimension): readonly string[] {
  return CONTROLS.filter(({ subject, dimension = [] }) => subject === kind && [dimension].flat().includes(name)).map(
    ({ id }) => id,
  );
}

/** The dimensions of one kind of subject, each with the controls that declare it. */
function dimensionsOf(kind: SubjectKind): readonly DimensionControls[] {
  return DIMENSIONS.map((name) => ({ name, controls: controlsOf(kind, name) })).filter(
    ({ controls }) => controls.length > 0,
  );
}

/** What the composite needs of one verdict. */
export interface Part {
  readonly status: Status;
  readonly reason: string;
  /** Of a FAIL that somebody accepted. */
  readonly exception?: Exception;
}

export interface ClosedNetwork {
  readonly verdict: Verdict;
  /** Every failing control of every failing dimension is accepted, and so is their effect. */
  readonly accepted?: Pick<Exception, 'owner' | 'reason' | 'expires'>;
}

/** Whether the composite applies to subjects of this kind at all. What is seen from inside counts only beside the cluster's own dimensions. */
export function hasClosedNetwork(kind: SubjectKind): boolean {
  return dimensionsOf(kind).some(({ name }) => name !== IN_CLUSTER) && kind !== 'kubernetes';
}

/**
 * One verdict per cluster over its dimensions. A control that gave no verdict leaves its dimension undecided. `inCluster` holds the verdicts from inside the
 * cluster where it is also a configured kubernetes target, and undefined where it is not.
 */
export function judgeClosedNetwork(
  kind: SubjectKind,
  verdicts: ReadonlyMap<string, Part>,
  inCluster: ReadonlyMap<string, Part> | undefined,
): ClosedNetwork {
  const judged = dimensionsOf(kind).map(({ name, controls }) =>
    judgeDimension(name, [
      ...partsOf(controls, verdicts),
      ...(inCluster === undefined ? [] : readInside(name, inCluster)),
    ]),
  );
  if (inCluster !== undefined)
    judged.push(judgeDimension(IN_CLUSTER, partsOf(controlsOf('kubernetes', IN_CLUSTER), inCluster)));
  const rank = { FAIL: 0, UNKNOWN: 1, PASS: 2, NOT_APPLICABLE: 3 };
  // The deciding dimension is the key line.
  const proof = [...judged].sort((a, b) => rank[a.status] - rank[b.status]).map(({ proof }) => proof);
  const failed = judged.filter(({ status }) => status === 'FAIL');
  if (failed.length > 0) return failing(failed, proof);
  const undecided = judged.filter(({ status }) => status === 'UNKNOWN');
  if (undecided.length > 0)
    return { verdict: unknown(reasonOf(undecided), `cannot be decided: ${describe(undecided)}`, proof) };
  const passed = judged.filter(({ status }) => status === 'PASS');
  if (passed.length === 0)
    return { verdict: notApplicable('no-dimension', 'no dimension applies to this cluster', proof) };
  return { verdict: closed(kind, judged, [...proof, ...limitsOf(kind)]) };
}

/** Who accepts all causes accepts their effect, until the first of the exceptions ends. */
function failing(failed: readonly JudgedDimension[], proof: readonly Proof[]): ClosedNetwork {
  const message = `open by ${describe(failed)}`;
  const causes = failed.flatMap(({ deciding }) => deciding);
  const exceptions = causes.flatMap(({ part }) => part?.exception ?? []);
  const expires = exceptions.map((exception) => exception.expires).sort()[0];
  if (exceptions.length < causes.length || expires === undefined) return { verdict: fail('open', message, proof) };
  const reason = `accepted through ${unique(causes.map(({ id }) => id))}, until ${expires}`;
  return {
    verdict: fail('open', `${message}; ${reason}`, proof),
    accepted: { owner: unique(exceptions.map(({ owner }) => owner)), reason, expires },
  };
}

/** Closed claims only what was looked at, and names what was not. */
function closed(kind: SubjectKind, judged: readonly JudgedDimension[], proof: readonly Proof[]): Verdict {
  const passed = judged.filter(({ status }) => status === 'PASS');
  const looked = (...names: readonly Dimension[]) =>
    unique(
      passed.filter(({ name }) => names.includes(name)).flatMap(({ name, deciding }) => lookedAt(kind, name, deciding)),
    );
  const parts = [
    ['no way in', looked('API exposure', 'inbound exposure')],
    ['no way out', looked('node egress')],
    ['isolated inside', looked(IN_CLUSTER)],
    ['not applicable', unique(judged.filter(({ status }) => status === 'NOT_APPLICABLE').map(({ name }) => name))],
    ['not looked at', unique((SCOPES[kind]?.limits ?? []).map(({ name }) => name))],
  ] as const;
  const message = parts.flatMap(([label, list]) => (list === '' ? [] : [`${label}: ${list}`])).join('; ');
  const declared = unique(passed.flatMap((dimension) => dimension.declared));
  // What rests on a declaration is never shown as read.
  return declared === ''
    ? pass(message, proof)
    : pass(`${message}; based on declarations, not on API reads: ${declared}`, proof, 'declared');
}

function lookedAt(kind: SubjectKind, name: Dimension, deciding: readonly Deciding[]): readonly string[] {
  const inside = deciding.some(({ id }) => controlsOf('kubernetes', name).includes(id));
  return [SCOPES[kind]?.lookedAt[name], inside ? SCOPES.kubernetes?.lookedAt[name] : undefined].filter(
    (words) => words !== undefined,
  );
}

function limitsOf(kind: SubjectKind): readonly Proof[] {
  return (SCOPES[kind]?.limits ?? []).map(({ name, what }) => ({
    kind: 'derived',
    line: `not looked at: ${name}: ${what}`,
  }));
}

function unique(texts: readonly string[]): string {
  return [...new Set(texts)].join(', ');
}

/** Reasons of a PASS that rests on the configuration or on a person's statement. */
const DECLARED = ['declared', 'attested'];

interface Deciding {
  readonly id: string;
  readonly part: Part | undefined;
}

interface JudgedDimension {
  readonly name: Dimension;
  readonly status: Status;
  /** The controls that gave the dimension its status. */
  readonly deciding: readonly Deciding[];
  /** Those that pass because of a declaration. */
  readonly declared: readonly string[];
  readonly proof: Proof;
}

function partsOf(controls: readonly string[], verdicts: ReadonlyMap<string, Part>): readonly Deciding[] {
  return controls.map((id) => ({ id, part: verdicts.get(id) }));
}

/** What was read inside counts in the cluster's own dimension too; what was not is undecided in the dimension of the inside alone. */
function readInside(name: Dimension, inCluster: ReadonlyMap<string, Part>): readonly Deciding[] {
  return partsOf(controlsOf('kubernetes', name), inCluster).filter(
    ({ part }) => part !== undefined && part.status !== 'UNKNOWN',
  );
}

function judgeDimension(name: Dimension, parts: readonly Deciding[]): JudgedDimension {
  const status = statusOf(parts.map(({ part }) => part?.status));
  const deciding = parts.filter(({ part }) => (part?.status ?? 'UNKNOWN') === status);
  const line = `${name}: ${status} (${parts.map(({ id, part }) => `${id} ${part?.status ?? 'not judged'}${part?.exception === undefined ? '' : ' accepted'}`).join(', ')})`;
  const declared = parts.flatMap(({ id, part }) =>
    part?.status === 'PASS' && DECLARED.includes(part.reason) ? [id] : [],
  );
  return { name, status, deciding, declared, proof: { kind: 'derived', line, field: name, value: status } };
}

/** A control that gave no verdict (it was switched off, or its target was never read) leaves the dimension undecided. */
function statusOf(statuses: readonly (Status | undefined)[]): Status {
  if (statuses.includes('FAIL')) return 'FAIL';
  if (statuses.includes('UNKNOWN') || statuses.includes(undefined)) return 'UNKNOWN';
  return statuses.includes('PASS') ? 'PASS' : 'NOT_APPLICABLE';
}

/** Dimensions with their deciding controls; why a control decided so stands in its own finding. */
function describe(dimensions: readonly JudgedDimension[]): string {
  return dimensions.map(({ name, deciding }) => `${name} (${deciding.map(nameOf).join(', ')})`).join(', ');
}

function nameOf({ id, part }: Deciding): string {
  if (part === undefined) return `${id} not judged`;
  return part.status === 'UNKNOWN' ? `${id} ${part.reason}` : id;
}

/** The first undecided control's own reason: a refusal is fixed otherwise than what lies outside the role's sight. */
function reasonOf(dimensions: readonly JudgedDimension[]): UnknownReason {
  const reasons = dimensions.flatMap(({ deciding }) => deciding.map(({ part }) => part?.reason));
  return UNKNOWN_REASONS.find((reason) => reason === reasons[0]) ?? 'undecidable';
}
