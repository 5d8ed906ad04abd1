import * as v from 'valibot';
import { fieldOf } from '#domain/collected.ts';
import type { KubernetesEvidence } from '#domain/evidence/kubernetes.ts';
import { Metadata, textField } from './objects.ts';

type Item<K extends 'namespaces' | 'nodes' | 'roles' | 'roleBindings'> = Extract<
  KubernetesEvidence[K],
  { state: 'collected' }
>['value'][number];
type OptionalItem<K extends 'peerAuthentications' | 'felixConfigurations' | 'nodeClasses'> = Extract<
  KubernetesEvidence[K],
  { state: 'collected' }
>['value']['items'][number];

const Plain = v.object({ metadata: Metadata });

export function readNamespace(item: unknown): Item<'namespaces'> {
  const { metadata } = v.parse(Plain, item);
  return {
    name: metadata.name,
    labels: metadata.labels ?? {},
  };
}

const Node = v.object({
  metadata: Metadata,
  status: v.object({
    addresses: v.nullish(v.array(v.object({ type: v.string(), address: v.string() }))),
    nodeInfo: v.nullish(v.object({ kubeletVersion: v.optional(v.unknown()) })),
    daemonEndpoints: v.nullish(v.object({ kubeletEndpoint: v.nullish(v.object({ Port: v.optional(v.unknown()) })) })),
  }),
});

/** A node's host names are not addresses. */
export function readNode(item: unknown): Item<'nodes'> {
  const { metadata, status } = v.parse(Node, item);
  return {
    name: metadata.name,
    addresses: (status.addresses ?? []).filter(({ type }) => type.endsWith('IP')).map(({ address }) => address),
    kubeletVersion: textField(status.nodeInfo?.kubeletVersion),
    ofAks: metadata.labels?.['kubernetes.azure.com/cluster'] !== undefined,
    kubeletPort: fieldOf(v.number(), status.daemonEndpoints?.kubeletEndpoint?.Port),
  };
}

const Texts = v.nullish(v.array(v.string()));
const Role = v.object({
  metadata: Metadata,
  rules: v.nullish(v.array(v.object({ verbs: Texts, apiGroups: Texts, resources: Texts, resourceNames: Texts }))),
});

export function readRole(kind: 'ClusterRole' | 'Role'): (item: unknown) => Item<'roles'> {
  return (item) => {
    const { metadata, rules } = v.parse(Role, item);
    return {
      kind,
      namespace: metadata.namespace ?? '',
      name: metadata.name,
      rules: (rules ?? []).map(({ verbs, apiGroups, resources, resourceNames }) => ({
        verbs: verbs ?? [],
        apiGroups: apiGroups ?? [],
        resources: resources ?? [],
        resourceNames: resourceNames ?? [],
      })),
    };
  };
}

const RoleBinding = v.object({
  metadata: Metadata,
  roleRef: v.object({ kind: v.string(), name: v.string() }),
  subjects: v.nullish(v.array(v.object({ kind: v.string(), name: v.string(), namespace: v.nullish(v.string()) }))),
});

export function readRoleBinding(kind: 'ClusterRoleBinding' | 'RoleBinding'): (item: unknown) => Item<'roleBindings'> {
  return (item) => {
    const { metadata, roleRef, subjects } = v.parse(RoleBinding, item);
    return {
      kind,
      namespace: metadata.namespace ?? '',
      name: metadata.name,
      role: { kind: roleRef.kind, name: roleRef.name },
      subjects: (subjects ?? []).map((subject) => ({
        kind: subject.kind,
        name: subject.name,
        namespace: subject.namespace ?? '',
      })),
    };
  };
}

const PeerAuthentication = v.object({
  metadata: Metadata,
  spec: v.nullish(
    v.object({
      selector: v.nullish(v.unknown()),
      mtls: v.nullish(v.object({ mode: v.optional(v.unknown()) })),
      portLevelMtls: v.nullish(v.record(v.string(), v.object({ mode: v.nullish(v.string()) }))),
    }),
  ),
});

export function readPeerAuthentication(item: unknown): OptionalItem<'peerAuthentications'>[] {
  const { metadata, spec } = v.parse(PeerAuthentication, item);
  return [
    {
      namespace: metadata.namespace ?? '',
      name: metadata.name,
      selective: spec?.selector !== undefined && spec.selector !== null,
      mode: textField(spec?.mtls?.mode),
      portModes: Object.values(spec?.portLevelMtls ?? {}).map(({ mode }) => mode ?? 'UNSET'),
    },
  ];
}

const WithSpec = v.object({ metadata: Metadata, spec: v.nullish(v.record(v.string(), v.unknown())) });

export function readFelixConfiguration(item: unknown): OptionalItem<'felixConfigurations'>[] {
  const { metadata, spec } = v.parse(WithSpec, item);
  return [{ name: metadata.name, wireguardEnabled: fieldOf(v.boolean(), spec?.['wireguardEnabled']) }];
}

export function readNodeClass(item: unknown): OptionalItem<'nodeClasses'>[] {
  const { metadata, spec } = v.parse(WithSpec, item);
  return [{ name: metadata.name, networkPolicy: textField(spec?.['networkPolicy']) }];
}
