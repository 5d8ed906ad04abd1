import { DIMENSIONS, type Dimension } from '#domain/control.ts';
import type { SubjectKind } from '#domain/evidence/index.ts';
import { COMPOSITE } from '#domain/finding.ts';
import { UNKNOWN_REASONS, type UnknownReason } from '#domain/reason.ts';
import { fail, notApplicable, type Proof, pass, type Status, unknown, type Verdict } from '#domain/verdict.ts';
import { CONTROLS } from './index.ts';

export const CLOSED_NETWORK = {
  id: COMPOSITE,
  title: 'The cluster is closed: no way in from the internet and no way out to it',
  severity: 'HIGH',
  basis: 'seeds 000, 001 and 003: closed-network Kubernetes',
  reference: 'Ringfence catalogue, composite and coverage',
  remediation: 'Repair the controls of the dimension that the message names.',
} as const;

interface DimensionControls {
  readonly name: Dimension;
  readonly controls: readonly string[];
}

const IN_CLUSTER: Dimension = 'in-cluster isolation';

/** The dimensions of one kind of subject, each with the controls that declare it. */
function dimensionsOf(kind: SubjectKind): readonly DimensionControls[] {
  const own = CONTROLS.filter(({ subject }) => subject === kind);
  return DIMENSIONS.map((name) => ({
    name,
    controls: own.filter(({ dimension = [] }) => [dimension].flat().includes(name)).map(({ id }) => id),
  })).filter(({ controls }) => controls.length > 0);
}

/** What the composite needs of one verdict. */
export interface Part {
  readonly status: Status;
  readonly reason: string;
}

/** Whether the composite applies to subjects of this kind at all. What is seen from inside counts only beside the cluster's own dimensions. */
export function hasClosedNetwork(kind: SubjectKind): boolean {
  return dimensionsOf(kind).some(({ name }) => name !== IN_CLUSTER);
}

/**
 * One verdict per cluster over its dimensions. A control that gave no verdict leaves its dimension undecided. `inCluster` holds the verdicts from inside the
 * cluster where it is also a configured kubernetes target, and undefined where it is not.
 */
export function judgeClosedNetwork(
  kind: SubjectKind,
  verdicts: ReadonlyMap<string, Part>,
  inCluster: ReadonlyMap<string, Part> | undefined,
): Verdict {
  const judged = dimensionsOf(kind).map((dimension) => judgeDimension(dimension, verdicts));
  if (inCluster !== undefined)
    judged.push(...dimensionsOf('kubernetes').map((dimension) => judgeDimension(dimension, inCluster)));
  const rank = { FAIL: 0, UNKNOWN: 1, PASS: 2, NOT_APPLICABLE: 3 };
  // The deciding dimension is the key line.
  const proof = [...judged].sort((a, b) => rank[a.status] - rank[b.status]).map(({ proof }) => proof);
  const failed = judged.filter(({ status }) => status === 'FAIL');
  if (failed.length > 0) return fail('open', `open by ${describe(failed)}`, proof);
  const open = judged.filter(({ status }) => status === 'UNKNOWN');
  if (open.length > 0) return unknown(reasonOf(open), `cannot be decided: ${describe(open)}`, proof);
  const passed = judged.filter(({ status }) => status === 'PASS');
  if (passed.length === 0) return notApplicable('no-dimension', 'no dimension applies to this cluster', proof);
  const rest = passed.length < judged.length ? ', the others do not apply' : '';
  const message = `closed in ${passed.length} of ${judged.length} dimensions${rest}`;
  const words = [...new Set(passed.flatMap(({ onWord }) => onWord))];
  // What stands on a word is never shown as read.
  return words.length === 0
    ? pass(message, proof)
    : pass(`${message}; not read, but declared or attested: ${words.join(', ')}`, proof, 'declared');
}

/** Reasons of a PASS that stands on the configuration's or a person's word. */
const ON_WORD = ['declared', 'attested'];

interface Deciding {
  readonly id: string;
  readonly part: Part | undefined;
}

interface JudgedDimension {
  readonly name: string;
  readonly status: Status;
  /** The controls that gave the dimension its status. */
  readonly deciding: readonly Deciding[];
  /** Those that pass on a word. */
  readonly onWord: readonly string[];
  readonly proof: Proof;
}

function judgeDimension({ name, controls }: DimensionControls, verdicts: ReadonlyMap<string, Part>): JudgedDimension {
  const parts = controls.map((id) => ({ id, part: verdicts.get(id) }));
  const status = statusOf(parts.map(({ part }) => part?.status));
  const deciding = parts.filter(({ part }) => (part?.status ?? 'UNKNOWN') === status);
  const line = `${name}: ${status} (${parts.map(({ id, part }) => `${id} ${part?.status ?? 'not judged'}`).join(', ')})`;
  const onWord = parts.flatMap(({ id, part }) =>
    part?.status === 'PASS' && ON_WORD.includes(part.reason) ? [id] : [],
  );
  return { name, status, deciding, onWord, proof: { kind: 'derived', line, field: name, value: status } };
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

/** The first undecided control's own reason: denied is repaired otherwise than what lies outside the role's sight. */
function reasonOf(dimensions: readonly JudgedDimension[]): UnknownReason {
  const reasons = dimensions.flatMap(({ deciding }) => deciding.map(({ part }) => part?.reason));
  return UNKNOWN_REASONS.find((reason) => reason === reasons[0]) ?? 'undecidable';
}
