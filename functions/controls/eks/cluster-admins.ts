import type { EksEvidence } from '#domain/evidence/eks.ts';
import type { EksAccessEntry } from '#domain/evidence/eks-access.ts';
import { shellQuote } from '#domain/shell.ts';
import { fail, notApplicable, type Proof, pass, unknown, unknownBecause, type Verdict } from '#domain/verdict.ts';
import { combine } from '../shared/combine.ts';
import { clusterFact, missingField } from './shared/cluster.ts';
import { defineEksControl } from './shared/define-eks-control.ts';

const MODE = 'accessConfig.authenticationMode';
const CREATOR = 'accessConfig.bootstrapClusterCreatorAdminPermissions';
/** An administrator whatever its scope, and one for the whole cluster only. Source: EKS user guide, access policy permissions. */
const ALWAYS = 'AmazonEKSClusterAdminPolicy';
const CLUSTER_WIDE = 'AmazonEKSAdminPolicy';

export default defineEksControl({
  id: 'eks-cluster-admins',
  title: 'Only declared principals are cluster administrators',
  severity: 'MEDIUM',
  basis: 'seed 001: the principal that creates a cluster is its administrator',
  reference: 'EKS user guide, access entries, access policy permissions',
  remediation:
    'Declare the principal under allowed, or check that nobody needs it as administrator and take its access policy away.',
  needs: ['eks:DescribeCluster', 'eks:ListAccessEntries', 'eks:ListAssociatedAccessPolicies'],
  parameters: {
    allowed: {
      describe:
        'ARNs of the principals that may be cluster administrators; * stands for any characters; empty means that nobody is declared',
      default: [],
    },
  },
  evaluate(subject) {
    const { cluster, evidence, parameters } = subject;
    const { authenticationMode: mode, creatorIsAdministrator: creator } = cluster;
    if (mode.state !== 'given') return missingField(MODE, mode);
    const proof: readonly Proof[] = [
      clusterFact(subject, MODE, mode.value),
      clusterFact(subject, CREATOR, creator.state === 'given' ? creator.value : 'not sent'),
    ];
    const { allowed } = parameters;
    if (mode.value === 'CONFIG_MAP')
      return unknown(
        'undecidable',
        'the ConfigMap aws-auth inside the cluster says who its administrators are, and its creator is one of them',
        proof,
      );
    if (mode.value !== 'API' && mode.value !== 'API_AND_CONFIG_MAP')
      return unknown('unrecognised-value', `${MODE} ${mode.value} is not known`, proof);
    const { accessEntries } = evidence;
    if (accessEntries.state === 'unavailable') return unknownBecause(accessEntries, proof);
    const judged = accessEntries.value.map((entry) => judge(entry, allowed, evidence));
    const found = accessEntries.value.flatMap((entry) => administratorBy(entry) ?? []);
    const unread = accessEntries.value.flatMap(({ principal, policies }) =>
      policies.state === 'unavailable' ? [principal] : [],
    );
    const listed: Proof = {
      kind: 'derived',
      line: `cluster administrators by access entries: ${found.length === 0 ? 'none' : found.join(', ')}${unread.length === 0 ? '' : `; policies not read: ${unread.join(', ')}`}`,
      field: 'administrators',
      value: found,
      source: accessEntries.source,
    };
    const limit: Proof = {
      kind: 'derived',
      line: `not looked at: the Kubernetes groups of access entries${mode.value === 'API' ? '' : ', and the ConfigMap aws-auth'}`,
      field: 'limits',
      value: mode.value,
    };
    const rest = [listed, limit, ...proof];
    if (allowed.length === 0) return notApplicable('not-declared', `nobody is declared; ${listed.line}`, rest);
    const also = mode.value === 'API' ? '' : '; the ConfigMap aws-auth was not read';
    return combine([pass('', rest), ...judged], `every cluster administrator is declared${also}`);
  },
});

function judge(entry: EksAccessEntry, allowed: readonly string[], { region, name }: EksEvidence): Verdict {
  const { principal, policies } = entry;
  if (allowed.some((pattern) => matches(pattern, principal)))
    return pass('', [{ kind: 'declared', line: `allowed: ${principal}`, field: 'allowed', value: principal }]);
  if (policies.state === 'unavailable') return unknownBecause(policies);
  const by = administratorBy(entry);
  const line = `${principal}: ${policies.value.map((policy) => policy.name).join(', ') || 'no access policy'}`;
  const proof: readonly Proof[] = [
    { kind: 'fact', line, field: principal, value: by !== undefined, source: policies.source },
  ];
  const vague = policies.value.find((policy) => policy.name === CLUSTER_WIDE && policy.scope.state !== 'given');
  if (by === undefined && vague !== undefined)
    return missingField(`scope of ${CLUSTER_WIDE} of ${principal}`, vague.scope);
  if (by === undefined) return pass('', proof);
  return fail('undeclared-administrator', `${principal} is a cluster administrator and is not declared`, proof, {
    fix: {
      checkFirst: [`Does anybody or any pipeline work with ${principal}, and is there another administrator?`],
      // What it has today. Whether anybody works with it only the organisation knows.
      commands: [
        `aws eks list-associated-access-policies --region ${shellQuote(region)} --cluster-name ${shellQuote(name)} --principal-arn ${shellQuote(principal)}`,
      ],
      fragments: [{ language: 'yaml', code: `controls:\n  eks-cluster-admins:\n    allowed: ["${principal}"]` }],
    },
  });
}

/** The principal, where a policy makes it an administrator. */
function administratorBy({ principal, policies }: EksAccessEntry): string | undefined {
  if (policies.state === 'unavailable') return undefined;
  const administrator = policies.value.some(
    ({ name, scope }) =>
      name === ALWAYS || (name === CLUSTER_WIDE && scope.state === 'given' && scope.value === 'cluster'),
  );
  return administrator ? principal : undefined;
}

function matches(pattern: string, principal: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\/]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(principal);
}
