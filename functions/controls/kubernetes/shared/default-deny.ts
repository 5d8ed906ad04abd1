import { type Fix, fail, notApplicable, type Proof, pass, type Verdict } from '#domain/verdict.ts';
import { type Direction, type PolicyRef, policyName } from '#reachability/model.ts';
import { opennessOf } from '#reachability/unrestricted.ts';
import type { KubernetesSubject } from './define-kubernetes-control.ts';
import { commandsFix, defaultDeny, kubectl, yamlFix } from './fix.ts';
import type { Network } from './network.ts';
import { isolatesAlways } from './network-plugin.ts';
import { type exemptNamespacesParameter, exemptProof, judgeNetwork, shortList } from './scope.ts';

/** How far a namespace denies by default: 3 every pod that is or will be, 2 every pod of today, 1 some, 0 none. */
type Level = 0 | 1 | 2 | 3;

interface Judged {
  readonly namespace: string;
  readonly level: Level;
  readonly line: string;
  /** The policy that selects every pod and lets everything through. */
  readonly defeated?: PolicyRef;
}

/** Namespaces without a running pod are listed, not judged: there is nothing to isolate yet. */
export function judgeDefaultDeny(
  direction: Direction,
  { evidence, parameters }: KubernetesSubject<typeof exemptNamespacesParameter>,
): Verdict {
  return judgeNetwork(evidence, (network) => {
    const exempt = new Set(parameters.exemptNamespaces);
    const inhabited = new Set(
      network.reach.classes.filter(({ hostNetwork }) => !hostNetwork).map(({ namespace }) => namespace.name),
    );
    const names = network.namespaces.map(({ name }) => name).sort();
    const judged = names
      .filter((name) => !exempt.has(name) && inhabited.has(name))
      .map((name) => judgeNamespace(name, network, direction, isolatesAlways(evidence)));
    const empty = names.filter((name) => !exempt.has(name) && !inhabited.has(name));
    const notes = [...emptyProof(empty), ...exemptProof(names.filter((name) => exempt.has(name)))];
    const open = judged.filter(({ level }) => level < 3);
    const proof = [...open, ...judged.filter(({ level }) => level === 3)].map(proofOf);
    if (judged.length === 0) {
      return notApplicable('no-namespace', 'no namespace with pods is to be judged', notes);
    }
    return open.length === 0
      ? pass(`all ${judged.length} namespaces with pods deny ${direction} by default`, [...proof, ...notes])
      : fail(
          'no-default-deny',
          `${open.length} of ${judged.length} namespaces do not deny ${direction} by default: ${shortList(open.map(({ line }) => line))}`,
          [...proof, ...notes],
          { fix: fixOf(open, direction) },
        );
  });
}

function judgeNamespace(
  name: string,
  { reach, policies, namespaces }: Network,
  direction: Direction,
  always: boolean,
): Judged {
  if (always) return { namespace: name, level: 3, line: `${name}: Cilium isolates every pod (enable-policy: always)` };
  const namespace = namespaces.find((candidate) => candidate.name === name);
  const universal = policies.filter(
    (policy) => policy[direction]?.isolates === true && namespace !== undefined && policy.covers(namespace),
  );
  const strict = universal.find((policy) => opennessOf(policy, direction) === 'restricted');
  if (strict !== undefined)
    return { namespace: name, level: 3, line: `${name}: ${policyName(strict.ref)} selects every pod` };
  const [defeated] = universal;
  if (defeated !== undefined) {
    return {
      namespace: name,
      level: 1,
      line: `${name}: ${policyName(defeated.ref)} selects every pod and then allows everything`,
      defeated: defeated.ref,
    };
  }
  const pods = reach.classes.filter((pod) => pod.namespace.name === name && !pod.hostNetwork);
  const isolated = pods.filter((pod) => reach.profile(pod, direction).isolated);
  if (isolated.length === pods.length) {
    return { namespace: name, level: 2, line: `${name}: every pod is covered today, but new pods are open` };
  }
  return isolated.length === 0
    ? { namespace: name, level: 0, line: `${name}: no policy isolates ${direction}` }
    : { namespace: name, level: 1, line: `${name}: some pods are selected by no policy` };
}

/** A policy that undoes the denial has to be narrowed first; a new one beside it would change nothing. */
function fixOf(open: readonly Judged[], direction: Direction): Fix {
  const narrow = open.flatMap(({ defeated }) =>
    defeated === undefined ? [] : [kubectl(defeated.namespace, 'edit', defeated.kind.toLowerCase(), defeated.name)],
  );
  const missing = open.flatMap(({ namespace, defeated }) => (defeated === undefined ? [namespace] : []));
  return missing.length === 0 ? commandsFix(narrow) : yamlFix(defaultDeny(missing, [direction]), narrow);
}

function proofOf({ line, level }: Judged): Proof {
  return { kind: 'derived', line, field: 'level', value: level };
}

function emptyProof(names: readonly string[]): readonly Proof[] {
  return names.length === 0
    ? []
    : [{ kind: 'fact', line: `without pods, not judged: ${names.join(', ')}`, value: names }];
}
