import { compileAdminNetworkPolicy, compileClusterNetworkPolicy } from './admin-policy.ts';
import { compileCalicoPolicy } from './calico.ts';
import { compileCiliumPolicy } from './cilium.ts';
import { CompileContext } from './context.ts';
import { type Compilation, type PolicyError, type PolicyRef, policyName, TIERS } from './model.ts';
import { compileNetworkPolicy } from './network-policy.ts';
import { metadataErrors } from './object-validation.ts';
import { fields, type Json, type ShapeError } from './shape.ts';

/** One document with the file it was read from; no file for what a cluster served. */
export interface SourceDocument {
  readonly file: string;
  readonly content: Json;
  /** Fields that stand where they have no effect, with the place where they belong, as far as the text shows it. */
  readonly misplaced?: readonly ShapeError[];
}

interface Kind {
  readonly scope: 'namespace' | 'cluster';
  readonly versions: readonly string[];
  /** The context holds what one object names in another: a Calico tier, a Cilium CIDR group, a Service. */
  readonly compile: (document: Json, ref: PolicyRef, context: CompileContext) => Compilation;
}

const calico = (scope: Kind['scope']): Kind => ({ scope, versions: ['v1', 'v3'], compile: compileCalicoPolicy });
/** A staged policy is a draft: it is recognised and has no effect. */
const staged = (scope: Kind['scope']): Kind => ({ ...calico(scope), compile: () => ({ policies: [], errors: [] }) });

/** Kinds whose effect is evaluated, by `group/Kind`. */
const KINDS: Readonly<Record<string, Kind>> = {
  'networking.k8s.io/NetworkPolicy': { scope: 'namespace', versions: ['v1'], compile: compileNetworkPolicy },
  'extensions/NetworkPolicy': { scope: 'namespace', versions: [], compile: compileNetworkPolicy },
  'cilium.io/CiliumNetworkPolicy': { scope: 'namespace', versions: ['v2'], compile: compileCiliumPolicy },
  'cilium.io/CiliumClusterwideNetworkPolicy': { scope: 'cluster', versions: ['v2'], compile: compileCiliumPolicy },
  ...Object.fromEntries(
    ['projectcalico.org', 'crd.projectcalico.org'].flatMap((group): [string, Kind][] => [
      [`${group}/NetworkPolicy`, calico('namespace')],
      [`${group}/GlobalNetworkPolicy`, calico('cluster')],
      [`${group}/StagedNetworkPolicy`, staged('namespace')],
      [`${group}/StagedGlobalNetworkPolicy`, staged('cluster')],
      [`${group}/StagedKubernetesNetworkPolicy`, staged('namespace')],
    ]),
  ),
  'policy.networking.k8s.io/AdminNetworkPolicy': {
    scope: 'cluster',
    versions: ['v1alpha1'],
    compile: compileAdminNetworkPolicy,
  },
  'policy.networking.k8s.io/BaselineAdminNetworkPolicy': {
    scope: 'cluster',
    versions: ['v1alpha1'],
    compile: compileAdminNetworkPolicy,
  },
  'policy.networking.k8s.io/ClusterNetworkPolicy': {
    scope: 'cluster',
    versions: ['v1alpha2', 'v1beta1'],
    compile: compileClusterNetworkPolicy,
  },
};

/** Kinds that decide about traffic too, in ways that are not evaluated here: a whole group, or `group/Kind`. */
const UNDECIDABLE = [
  'crd.antrea.io',
  'security.antrea.tanzu.vmware.com',
  'networking.k8s.aws',
  'kubeovn.io',
  'k8s.ovn.org/EgressFirewall',
  'network.openshift.io/EgressNetworkPolicy',
] as const;

function groupOf(document: Json): string {
  const [group = '', version] = String(document['apiVersion'] ?? '').split('/');
  return version === undefined ? '' : group;
}

/** Whether the document is a policy of any kind known here, evaluated or not. */
export function isPolicy(document: Json): boolean {
  return kindOf(document) !== undefined || isUndecidable(document) || isMistaken(document);
}

function kindOf(document: Json): Kind | undefined {
  const id = `${groupOf(document)}/${String(document['kind'])}`;
  return Object.hasOwn(KINDS, id) ? KINDS[id] : undefined;
}

/** Calico's selectors match a network set by its labels, which not every reader of a cluster keeps. */
function isNetworkSet(id: string): boolean {
  return /^(crd\.)?projectcalico\.org\/(Global)?NetworkSet$/.test(id);
}

function hasLabels({ metadata }: Json): boolean {
  return fields(metadata)['labels'] !== undefined;
}

function isUndecidable(document: Json): boolean {
  const group = groupOf(document);
  const id = `${group}/${String(document['kind'])}`;
  return UNDECIDABLE.some((known) => known === group || known === id) || (isNetworkSet(id) && !hasLabels(document));
}

const KIND_NAMES = new Set(Object.keys(KINDS).map((id) => id.slice(id.indexOf('/') + 1).toLowerCase()));

/** Meant as a policy, but no cluster knows it: the wrong group, none at all, or the kind in other letters. */
function isMistaken({ kind }: Json): boolean {
  return typeof kind === 'string' && KIND_NAMES.has(kind.toLowerCase());
}

function refOf({ content, file }: SourceDocument, scope: Kind['scope']): PolicyRef {
  const { name, namespace } = fields(content['metadata']);
  return {
    kind: String(content['kind']),
    namespace: scope === 'cluster' ? '' : namespaceIn(namespace),
    name: String(name ?? ''),
    file,
  };
}

/** Absent or empty means the namespace called default. */
export function namespaceIn(namespace: unknown): string {
  return String(namespace ?? '') || 'default';
}

/** Compiles every policy among the documents; what is not a policy is passed over. */
export function compilePolicies(
  documents: readonly SourceDocument[],
  context = new CompileContext(documents.map(({ content }) => content)),
): Compilation {
  const compiled = documents
    .filter(({ content }) => isPolicy(content))
    .map((source) => ({ group: groupOf(source.content), ...compileOne(source, context) }));
  const { kept, errors } = lastOfEach(compiled);
  return {
    policies: kept,
    errors: [...compiled.flatMap((one) => one.errors), ...errors, ...tiesIn(kept)],
    notes: compiled.flatMap((one) => one.notes ?? []),
  };
}

/** Two cluster-wide policies of one tier and one priority: the API takes both and leaves open which of them decides. */
function tiesIn(policies: Compilation['policies']): readonly PolicyError[] {
  const ranked = policies.filter(({ tier }) => tier === TIERS.admin || tier === TIERS.baseline);
  return [...Map.groupBy(ranked, ({ tier, order }) => `${tier} ${order}`).values()].flatMap(([first, ...others]) =>
    others.map(({ ref }): PolicyError => {
      const message = `is that of ${first === undefined ? '' : policyName(first.ref)} too: which of the two decides is not defined`;
      return { file: ref.file, resource: policyName(ref), field: 'spec.priority', message, kind: 'undecidable' };
    }),
  );
}

function compileOne(source: SourceDocument, context: CompileContext): Compilation {
  const kind = kindOf(source.content);
  if (kind === undefined && isUndecidable(source.content)) return undecidable(source);
  const ref = refOf(source, kind?.scope ?? 'namespace');
  const refuse = (...errors: readonly ShapeError[]): Compilation => ({
    policies: [],
    errors: errors.map((error) => ({ ...error, file: source.file, resource: policyName(ref), kind: 'invalid' })),
  });
  const explained = ({ errors, ...rest }: Compilation): Compilation => ({
    ...rest,
    errors: errors.map((error) => ({ ...error, message: withPlace(error, source) })),
  });
  const apiVersion = source.content['apiVersion'];
  if (apiVersion === undefined || apiVersion === null) return refuse({ field: 'apiVersion', message: 'must be given' });
  if (!kind?.versions.some((version) => String(apiVersion).endsWith(`/${version}`))) {
    return refuse({
      field: 'apiVersion',
      message: `no matches for kind "${ref.kind}" in version "${String(apiVersion)}"`,
    });
  }
  const errors = metadataErrors(source.content);
  return explained(errors.length > 0 ? refuse(...errors) : kind.compile(source.content, ref, context));
}

/** An error about a field that stands in the wrong place says where it belongs. */
function withPlace({ field, message }: ShapeError, { misplaced = [] }: SourceDocument): string {
  const place = misplaced.find((one) => one.field === field);
  return place === undefined ? message : `${message}: ${place.message}`;
}

function undecidable(source: SourceDocument): Compilation {
  const ref = refOf(source, fields(source.content['metadata'])['namespace'] === undefined ? 'cluster' : 'namespace');
  const message = `${groupOf(source.content)} ${ref.kind} is recognised, but its effect is not evaluated: what it allows or denies is undecidable`;
  return {
    policies: [],
    errors: [{ file: source.file, resource: policyName(ref), field: 'kind', message, kind: 'undecidable' }],
  };
}

/**
 * Of several documents for one object the last counts, as if they were applied in order. Cilium splits one object into several policies,
 * and Calico serves its own kinds in two groups.
 */
function lastOfEach(compiled: readonly (Compilation & { readonly group: string })[]): {
  readonly kept: Compilation['policies'];
  readonly errors: readonly PolicyError[];
} {
  const policies = compiled.flatMap((one) =>
    one.policies.map((policy) => ({ policy, id: `${one.group.replace(/^crd\./, '')} ${policyName(policy.ref)}` })),
  );
  const last = new Map(policies.map(({ policy, id }) => [id, policy.ref]));
  const replaced = new Map<PolicyRef, PolicyRef>();
  for (const { policy, id } of policies) {
    const by = last.get(id);
    if (by !== undefined && by !== policy.ref && policy.ref.name !== '') replaced.set(policy.ref, by);
  }
  return {
    kept: policies.map(({ policy }) => policy).filter(({ ref }) => !replaced.has(ref)),
    errors: [...replaced].map(([ref, by]) => definedAgain(ref.file, policyName(ref), by.file)),
  };
}

export function definedAgain(file: string, resource: string, by: string): PolicyError {
  const message = `is defined again${by === '' ? '' : ` in ${by}`}: the later definition counts`;
  return { file, resource, field: 'metadata.name', message, kind: 'invalid' };
}
