import type { Control } from '#domain/control.ts';
import type { KubesprayEvidence } from '#domain/evidence/kubespray.ts';
import { fail, notApplicable, type Proof, pass, unknown, unknownBecause, type Verdict } from '#domain/verdict.ts';
import { defineKubesprayControl } from './shared/define-kubespray-control.ts';
import { variableFix } from './shared/fix.ts';
import { variableControls } from './shared/variable-controls.ts';

/**
 * Compares intent and effect control by control: a variable that was set but never applied (re-running the playbook did not rewrite static
 * pods before v2.28) shows as a good intent beside a bad effect.
 */
export default defineKubesprayControl({
  id: 'kubespray-drift',
  title: 'The live cluster runs what the inventory says',
  severity: 'MEDIUM',
  basis: 'Kubespray "Cluster Hardening" article; kubespray issues 6004, 9379, 11842, 12099',
  reference: 'Kubespray inventory and live cluster',
  remediation: 'Run the playbook that renders the static pods again (before v2.28: upgrade-cluster.yml), then compare.',
  needs: ['inventory:read', 'cluster:read'],
  evaluate({ evidence, verdictOf }) {
    if (evidence.live.state === 'not-configured') {
      return notApplicable('no-live-cluster', 'the inventory names no kubernetes target to compare with');
    }
    if (evidence.live.cluster.state === 'unavailable') return unknownBecause(evidence.live.cluster);
    return compare(
      variableControls.map((control) => ({ control, verdict: verdictOf(control) })),
      evidence,
    );
  },
});

function compare(
  judged: readonly { control: Control<'kubespray'>; verdict: Verdict }[],
  evidence: KubesprayEvidence,
): Verdict {
  const compared = judged.map(({ control, verdict }) => ({
    id: control.id,
    intent: sides(verdict.proof, 'intent'),
    effect: sides(verdict.proof, 'effect'),
  }));
  const both = compared.filter(({ intent, effect }) => intent.size > 0 && effect.size > 0);
  const drifted = both.filter(({ intent, effect }) => differ(intent, effect));
  const names = new Set(drifted.map(({ id }) => id));
  const outcome = ({ id, intent, effect }: (typeof both)[number]) => {
    if (names.has(id)) return 'drift';
    return isBlind(intent) || isBlind(effect) ? 'not comparable' : 'no drift';
  };
  const proof: readonly Proof[] = [...drifted, ...both.filter(({ id }) => !names.has(id))].map((entry) => ({
    kind: 'derived',
    line: `${entry.id}: intent ${[...entry.intent].join(' / ')}, effect ${[...entry.effect].join(' / ')}: ${outcome(entry)}`,
    field: entry.id,
    value: outcome(entry),
  }));
  if (drifted.length > 0) {
    return fail('drift', `${evidence.inventory}: ${[...names].join(', ')}`, proof, {
      fix: variableFix('', [], evidence),
    });
  }
  if (both.length === 0) return unknown('host-only', 'no variable could be seen on both sides', proof);
  const blind = both.filter(({ intent, effect }) => isBlind(intent) || isBlind(effect));
  if (blind.length > 0)
    return unknown('undecidable', `${blind.map(({ id }) => id).join(', ')} cannot be compared`, proof);
  return pass(`${both.length} variables agree with the live cluster`, proof);
}

function sides(proof: readonly Proof[], side: 'intent' | 'effect'): ReadonlySet<string> {
  return new Set(proof.filter(({ field }) => field === side).map(({ value }) => String(value)));
}

/** Good on one side and bad on the other, or two values; what one side cannot tell is no drift. */
function differ(intent: ReadonlySet<string>, effect: ReadonlySet<string>): boolean {
  const [wanted, runs] = [states(intent), states(effect)];
  if (wanted.has('good') && !wanted.has('bad') && runs.has('bad')) return true;
  if (wanted.has('bad') && !runs.has('bad') && runs.has('good')) return true;
  const [said, seen] = [values(intent), values(effect)];
  const isOther = [...said].some((value) => !seen.has(value)) || [...seen].some((value) => !said.has(value));
  return said.size > 0 && seen.size > 0 && isOther;
}

function isBlind(side: ReadonlySet<string>): boolean {
  return states(side).has('undecided');
}

/** `good (120)` is a state and a value. */
function states(side: ReadonlySet<string>): ReadonlySet<string> {
  return new Set([...side].map((entry) => entry.split(' ')[0] ?? ''));
}

function values(side: ReadonlySet<string>): ReadonlySet<string> {
  return new Set([...side].flatMap((entry) => (entry.includes(' ') ? [entry.slice(entry.indexOf(' ') + 1)] : [])));
}
