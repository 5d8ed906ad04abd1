import { CompileContext, type NetworkFacts } from './context.ts';
import { generatedLabels, namesSinglePods } from './generated-labels.ts';
import {
  type ContainerPort,
  type Namespace,
  type Pod,
  type PolicyError,
  type PolicyNote,
  policyName,
  type Workload,
} from './model.ts';
import { metadataErrors, workloadErrors } from './object-validation.ts';
import type { Service } from './objects.ts';
import { templateIn, templatePathOf } from './pod-templates.ts';
import { compilePolicies, definedAgain, isPolicy, namespaceIn, type SourceDocument } from './policies.ts';
import type { ReachabilityInput } from './reachability.ts';
import type { Labels } from './selector.ts';
import { fields, isObject, items, type Json } from './shape.ts';

/** Opens `List` kinds, however deep. The items of a list of one kind (`PodList`) may leave out what they are. */
function openLists(source: SourceDocument): readonly SourceDocument[] {
  const { file, content } = source;
  const { apiVersion, kind, items: listed } = content;
  if (typeof kind !== 'string' || !kind.endsWith('List') || !Array.isArray(listed)) return [source];
  const implied = kind === 'List' ? {} : { apiVersion, kind: kind.slice(0, -'List'.length) };
  return listed.filter(isObject).flatMap((item) => openLists({ file, content: { ...implied, ...item } }));
}

/** What a set of manifests describes, and what is wrong with it. */
export interface DocumentsReading {
  /** Pods (a template stands for all its replicas), namespaces, policies. */
  readonly input: ReachabilityInput;
  readonly services: readonly Service[];
  readonly errors: readonly PolicyError[];
  readonly notes: readonly PolicyNote[];
}

export function readDocuments(documents: readonly SourceDocument[], facts: NetworkFacts = {}): DocumentsReading {
  const opened = documents.flatMap(openLists);
  const policyDocuments = opened.filter(({ content }) => isPolicy(content));
  const others = opened.filter(({ content }) => !isPolicy(content) && isRead(content));
  const faults = others.map(faultsOf);
  const { kept, replaced } = lastOfEach(others.filter((_, index) => faults[index]?.length === 0));
  const unread = opened.filter(({ content }) => !isPolicy(content) && !isRead(content));
  const context = new CompileContext(
    [...[...policyDocuments, ...unread].map(({ content }) => content), ...kept],
    facts,
  );
  const { policies, errors, notes = [] } = compilePolicies(policyDocuments, context);
  const owners = ownersOf(kept);
  const singlePods = namesSinglePods(policyDocuments.map(({ content }) => content));
  return {
    input: {
      policies,
      namespaces: kept.filter(({ kind }) => kind === 'Namespace').map(namespaceOf),
      pods: kept.flatMap((content) => podsOf(content, owners, singlePods)),
      isDualStack: isDualStack(context),
    },
    services: context.services,
    errors: [...errors, ...faults.flat(), ...replaced],
    notes: [...misplacedNotes(opened), ...notes],
  };
}

/** A Service that asks for IPv6 gets it from a network that carries it. */
function isDualStack({ podRanges, services }: CompileContext): boolean {
  return (
    podRanges.some(({ family }) => family === 'ipv6') ||
    services.some(
      ({ spec }) => items(spec['ipFamilies']).includes('IPv6') || spec['ipFamilyPolicy'] === 'RequireDualStack',
    )
  );
}

/** A policy that has a field in the wrong place is refused with these words; anything else is taken without it, and only a note says so. */
function misplacedNotes(documents: readonly SourceDocument[]): readonly PolicyNote[] {
  return documents
    .filter(({ content }) => !isPolicy(content))
    .flatMap(({ file, content, misplaced = [] }) =>
      misplaced.map(({ field, message }): PolicyNote => ({ file, resource: resourceOf(content), field, message })),
    );
}

/** Objects beside workloads that rules and the picture name. Other groups have kinds of the same names. */
const NAMED = ['Service', 'ServiceAccount'];

function isRead({ apiVersion, kind }: Json): boolean {
  if (NAMED.includes(String(kind))) return apiVersion === 'v1';
  return kind === 'Namespace' || kind === 'Pod' || templatePathOf(kind) !== undefined;
}

/** `Namespace shop`, `Deployment shop/web`. */
function resourceOf({ kind, metadata }: Json): string {
  const { name, namespace } = fields(metadata);
  return idOf(String(kind), kind === 'Namespace' ? '' : namespaceIn(namespace), String(name ?? ''));
}

/**
 * For which the API server refuses the object: without labels that can be read nobody knows which policies select it. Of a Service with a
 * field in the wrong place the rest is shown, and a note tells about the field.
 */
function faultsOf({ file, content, misplaced = [] }: SourceDocument): readonly PolicyError[] {
  const named = NAMED.includes(String(content['kind']));
  const errors =
    named || content['kind'] === 'Namespace'
      ? metadataErrors(content)
      : workloadErrors(content, templatePathOf(content['kind']) ?? []);
  return errors
    .filter(({ field }) => !named || !misplaced.some((one) => one.field === field))
    .map((error) => ({ ...error, file, resource: resourceOf(content), kind: 'invalid' }));
}

/** As with policies, of several documents for one object the last counts. */
function lastOfEach(documents: readonly SourceDocument[]): {
  readonly kept: readonly Json[];
  readonly replaced: readonly PolicyError[];
} {
  const named = ({ content }: SourceDocument) => (fields(content['metadata'])['name'] ?? '') !== '';
  const last = new Map(documents.filter(named).map((source) => [resourceOf(source.content), source]));
  const by = (source: SourceDocument) => (named(source) ? (last.get(resourceOf(source.content)) ?? source) : source);
  return {
    kept: documents.filter((source) => by(source) === source).map(({ content }) => content),
    replaced: documents
      .filter((source) => by(source) !== source)
      .map((source) => definedAgain(source.file, resourceOf(source.content), by(source).file)),
  };
}

function namespaceOf(document: Json): Namespace {
  const { name, labels } = fields(document['metadata']);
  return { name: String(name), labels: labelsOf(labels) };
}

function labelsOf(value: unknown): Labels {
  return Object.fromEntries(Object.entries(fields(value)).map(([key, text]) => [key, String(text ?? '')]));
}

type Owners = ReadonlyMap<string, Workload>;

function idOf(kind: string, namespace: string, name: string): string {
  return policyName({ kind, namespace, name });
}

/** The controller of each document that has one, so that a pod is traced through its ReplicaSet to the Deployment. */
function ownersOf(documents: readonly Json[]): Owners {
  return new Map(
    documents.flatMap((content): [string, Workload][] => {
      const { name, namespace, ownerReferences } = fields(content['metadata']);
      const owner = ownerIn(ownerReferences);
      const id = idOf(String(content['kind']), namespaceIn(namespace), String(name));
      return owner === undefined ? [] : [[id, owner]];
    }),
  );
}

function ownerIn(ownerReferences: unknown): Workload | undefined {
  const references = items(ownerReferences).map(fields);
  const owner = references.find(({ controller }) => controller === true) ?? references[0];
  return owner === undefined ? undefined : { kind: String(owner['kind']), name: String(owner['name']) };
}

/**
 * For pods read from a cluster: a ReplicaSet made by a Deployment is called `<deployment>-<pod-template-hash>`, and its pods carry that hash as a label: the
 * Deployment can be named even where its ReplicaSet was not read. Reference: Kubernetes documentation, Deployments, pod-template-hash.
 */
export function deploymentOf(owner: Workload, labels: Labels): Workload {
  const hash = labels['pod-template-hash'];
  return owner.kind === 'ReplicaSet' && hash !== undefined && owner.name.endsWith(`-${hash}`)
    ? { kind: 'Deployment', name: owner.name.slice(0, -hash.length - 1) }
    : owner;
}

function podsOf(document: Json, owners: Owners, singlePods: boolean): readonly Pod[] {
  const kind = String(document['kind']);
  const metadata = fields(document['metadata']);
  const namespace = namespaceIn(metadata['namespace']);
  const self: Workload = { kind, name: String(metadata['name'] ?? metadata['generateName']) };
  if (kind === 'Pod') {
    // A finished pod has no network any more.
    if (['Succeeded', 'Failed'].includes(String(fields(document['status'])['phase']))) return [];
    return [podOf(document, namespace, self.name, topOwner(self, namespace, owners))];
  }
  const path = templatePathOf(kind);
  if (path === undefined || isOldRevision(document)) return [];
  const template = templateIn(document, path);
  const pod = podOf(template, namespace, self.name, topOwner(self, namespace, owners));
  return generatedLabels(document, self.name, singlePods).map((labels) => ({
    ...pod,
    labels: { ...pod.labels, ...labels },
  }));
}

/** A Deployment keeps its former ReplicaSets, scaled to nothing. */
function isOldRevision(document: Json): boolean {
  return (
    document['kind'] === 'ReplicaSet' &&
    fields(document['spec'])['replicas'] === 0 &&
    ownerIn(fields(document['metadata'])['ownerReferences']) !== undefined
  );
}

/** Manifests are taken at their word: an owner is what a reference says, followed from document to document. */
function topOwner(self: Workload, namespace: string, owners: Owners): Workload {
  const seen = new Set<string>();
  let current = self;
  for (;;) {
    const id = idOf(current.kind, namespace, current.name);
    const owner = owners.get(id);
    // A static pod is owned by its node, which is no workload.
    if (owner === undefined || owner.kind === 'Node' || seen.has(id)) return current;
    seen.add(id);
    current = owner;
  }
}

function podOf(template: Json, namespace: string, name: string, workload: Workload): Pod {
  const spec = fields(template['spec']);
  return {
    namespace,
    name,
    labels: labelsOf(fields(template['metadata'])['labels']),
    hostNetwork: spec['hostNetwork'] === true,
    ports: [...items(spec['containers']), ...items(spec['initContainers'])].flatMap(portsOf),
    serviceAccount: String(spec['serviceAccountName'] ?? 'default'),
    workload,
  };
}

function portsOf(container: unknown): readonly ContainerPort[] {
  return items(fields(container)['ports']).flatMap((entry): ContainerPort[] => {
    const { name, containerPort, protocol } = fields(entry);
    const known = protocol === 'UDP' || protocol === 'SCTP' ? protocol : 'TCP';
    return typeof containerPort === 'number'
      ? [{ name: String(name ?? ''), port: containerPort, protocol: known }]
      : [];
  });
}
