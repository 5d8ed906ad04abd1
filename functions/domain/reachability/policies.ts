import { compileAdminNetworkPolicy, compileClusterNetworkPolicy } from './admin-policy.ts';
import { compileCalicoPolicy } from './calico.ts';
import { compileCiliumPolicy } from './cilium.ts';
import { type Compilation, type PolicyError, type PolicyRef, policyName } from './model.ts';
import { compileNetworkPolicy } from './network-policy.ts';
import { fields, type Json } from './shape.ts';

/** One document with the file it was read from; no file for what a cluster served. */
export interface SourceDocument {
  readonly file: string;
  readonly content: Json;
}

interface Kind {
  readonly scope: 'namespace' | 'cluster';
  readonly versions: readonly string[];
  /** `all` are the contents of every document, for what one object names in another (a Calico tier, a Cilium CIDR group). */
  readonly compile: (document: Json, ref: PolicyRef, all: readonly Json[]) => Compilation;
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
    versions: ['v1alpha2'],
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
  'projectcalico.org/NetworkSet',
  'projectcalico.org/GlobalNetworkSet',
  'crd.projectcalico.org/NetworkSet',
  'crd.projectcalico.org/GlobalNetworkSet',
] as const;

const NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

function groupOf(document: Json): string {
  const [group = '', version] = String(document['apiVersion'] ?? '').split('/');
  return version === undefined ? '' : group;
}

/** Whether the document is a policy of any kind known here, evaluated or not. */
export function isPolicy(document: Json): boolean {
  return kindOf(document) !== undefined || isUndecidable(document);
}

function kindOf(document: Json): Kind | undefined {
  return KINDS[`${groupOf(document)}/${String(document['kind'])}`];
}

function isUndecidable(document: Json): boolean {
  const group = groupOf(document);
  const id = `${group}/${String(document['kind'])}`;
  return UNDECIDABLE.some((known) => known === group || known === id);
}

function refOf({ content, file }: SourceDocument, scope: Kind['scope']): PolicyRef {
  const { name, namespace } = fields(content['metadata']);
  return {
    kind: String(content['kind']),
    namespace: scope === 'cluster' ? '' : String(namespace ?? 'default'),
    name: String(name ?? ''),
    file,
  };
}

/** Compiles every policy among the documents; what is no policy is passed over. */
export function compilePolicies(documents: readonly SourceDocument[]): Compilation {
  const all = documents.map(({ content }) => content);
  const policies = documents.filter(({ content }) => isPolicy(content));
  const known = policies.map((source) => ({ source, kind: kindOf(source.content) }));
  const compiled = known.map(({ source, kind }) =>
    kind === undefined ? undecidable(source) : compileOne(source, kind, all),
  );
  const { kept, errors } = lastOfEach(compiled.flatMap(({ policies: some }) => some));
  return { policies: kept, errors: [...compiled.flatMap((one) => one.errors), ...errors] };
}

function compileOne(source: SourceDocument, kind: Kind, all: readonly Json[]): Compilation {
  const ref = refOf(source, kind.scope);
  const refuse = (field: string, message: string): Compilation => ({
    policies: [],
    errors: [{ file: source.file, resource: policyName(ref), field, message, kind: 'invalid' }],
  });
  const apiVersion = String(source.content['apiVersion']);
  if (!kind.versions.some((version) => apiVersion.endsWith(`/${version}`))) {
    return refuse('apiVersion', `no matches for kind "${ref.kind}" in version "${apiVersion}"`);
  }
  const metadata = fields(source.content['metadata']);
  if (ref.name === '' && typeof metadata['generateName'] !== 'string') {
    return refuse('metadata.name', 'name or generateName is required');
  }
  if (ref.name !== '' && !(ref.name.length <= 253 && NAME.test(ref.name))) {
    return refuse('metadata.name', `"${ref.name}" is not a valid name`);
  }
  return kind.compile(source.content, ref, all);
}

function undecidable(source: SourceDocument): Compilation {
  const ref = refOf(source, fields(source.content['metadata'])['namespace'] === undefined ? 'cluster' : 'namespace');
  const message = `${groupOf(source.content)} ${ref.kind} is recognised, but its effect is not evaluated: what it allows or denies is undecidable`;
  return {
    policies: [],
    errors: [{ file: source.file, resource: policyName(ref), field: 'kind', message, kind: 'undecidable' }],
  };
}

/** Of several documents for one object the last counts, as if they were applied in order. Cilium splits one object into several policies. */
function lastOfEach(policies: Compilation['policies']): {
  readonly kept: Compilation['policies'];
  readonly errors: readonly PolicyError[];
} {
  const last = new Map(policies.map(({ ref }) => [policyName(ref), ref]));
  const isKept = ({ ref }: { readonly ref: PolicyRef }) => ref.name === '' || last.get(policyName(ref)) === ref;
  const replaced = new Map(
    policies.filter((policy) => !isKept(policy)).map(({ ref }) => [ref, last.get(policyName(ref))]),
  );
  return {
    kept: policies.filter(isKept),
    errors: [...replaced].map(([ref, by]) => ({
      file: ref.file,
      resource: policyName(ref),
      field: 'metadata.name',
      message: `is defined again${by === undefined || by.file === '' ? '' : ` in ${by.file}`}: the later definition counts`,
      kind: 'invalid',
    })),
  };
}
