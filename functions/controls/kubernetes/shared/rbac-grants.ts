import type { KubernetesEvidence } from '#domain/evidence/kubernetes.ts';

export type Binding = Extract<KubernetesEvidence['roleBindings'], { state: 'collected' }>['value'][number];
export type Role = Extract<KubernetesEvidence['roles'], { state: 'collected' }>['value'][number];
export type Subject = Binding['subjects'][number];
type Rule = Role['rules'][number];

/** Every verb of the API machinery: spelled out they are as much as `*`. Reference: Kubernetes, authorization, request verbs. */
const VERBS = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'];
const READING = ['get', 'list', 'watch'];

function allows(values: readonly string[], wanted: string): boolean {
  return values.includes('*') || values.includes(wanted);
}

function everyVerb({ verbs }: Rule): boolean {
  return verbs.includes('*') || VERBS.every((verb) => verbs.includes(verb));
}

/** A rule for named objects only is never a rule for all of them. */
function onAll({ resourceNames }: Rule): boolean {
  return resourceNames.length === 0;
}

/** The API groups in which a role allows every verb on every resource; `*` for all groups. */
export function unlimitedGroups({ rules }: Role): readonly string[] {
  return rules
    .filter((rule) => onAll(rule) && everyVerb(rule) && rule.resources.includes('*'))
    .flatMap(({ apiGroups }) => apiGroups);
}

/** As much as cluster-admin: everything, or the means to give oneself everything. */
export function isAdministrator(role: Role): boolean {
  return unlimitedGroups(role).includes('*');
}

/** Ways from a role to more rights than it holds. Reference: Kubernetes, RBAC good practices, privilege escalation risks. */
export function escalations({ rules }: Role): readonly string[] {
  const can = (verb: string, group: string, ...resources: readonly string[]) =>
    rules.some(
      (rule) =>
        onAll(rule) &&
        allows(rule.verbs, verb) &&
        allows(rule.apiGroups, group) &&
        resources.some((resource) => allows(rule.resources, resource)),
    );
  return [
    ...(can('escalate', RBAC, 'roles', 'clusterroles') ? ['escalate roles'] : []),
    ...(can('bind', RBAC, 'roles', 'clusterroles') ? ['bind roles'] : []),
    ...(can('impersonate', '', 'users', 'groups') ? ['impersonate users and groups'] : []),
  ];
}

const RBAC = 'rbac.authorization.k8s.io';

/**
 * What is too much for everybody: changes, secrets, and the ways to more rights. Reviews of one's own rights are everybody's, and pod security
 * policies are not served any more.
 */
export function tooMuchForAll(role: Role): string | undefined {
  const rules = role.rules.filter(
    ({ apiGroups, resources }) =>
      !apiGroups.every((group) => OWN_REVIEWS.includes(group)) &&
      !resources.every((kind) => kind === 'podsecuritypolicies'),
  );
  const [escalation] = escalations(role);
  if (escalation !== undefined) return escalation;
  const writing = rules.find(({ verbs }) => verbs.some((verb) => !READING.includes(verb)));
  if (writing !== undefined) {
    const verbs = writing.verbs.filter((verb) => !READING.includes(verb));
    return `${verbs.join(', ')} ${writing.resources.join(', ')}`;
  }
  const secrets = rules.some(({ apiGroups, resources }) => allows(apiGroups, '') && allows(resources, 'secrets'));
  return secrets ? 'read secrets' : undefined;
}

const OWN_REVIEWS = ['authorization.k8s.io', 'authentication.k8s.io'];

/** Groups that hold everybody, or every workload. */
export function isEverybody({ kind, name }: Subject): boolean {
  return kind === 'Group' && ['system:authenticated', 'system:serviceaccounts'].includes(name);
}

/** Requests that nobody authenticated. */
export function isAnonymous({ name }: Subject): boolean {
  return name === 'system:anonymous' || name === 'system:unauthenticated';
}

export function bindingName({ kind, namespace, name }: Pick<Binding, 'kind' | 'namespace' | 'name'>): string {
  return `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`;
}

export function subjectName({ kind, namespace, name }: Subject): string {
  return kind === 'ServiceAccount' ? `ServiceAccount:${namespace}/${name}` : `${kind}:${name}`;
}
