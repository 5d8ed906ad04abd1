import * as v from 'valibot';
import { parse } from 'yaml';
import { ABSENT, type Collected, collected, type Field } from '#domain/collected.ts';
import type { KubernetesEvidence } from '#domain/evidence/kubernetes.ts';
import { Refusal } from '../../transport/refusal.ts';
import type { Reader } from '../reader.ts';
import { Metadata, textField } from './objects.ts';

type OptionalItem<K extends 'istioAuthorizations' | 'linkerdServers'> = Extract<
  KubernetesEvidence[K],
  { state: 'collected' }
>['value']['items'][number];
type Meshes = Extract<KubernetesEvidence['istioMeshes'], { state: 'collected' }>['value'];
type Pods = Extract<KubernetesEvidence['pods'], { state: 'collected' }>['value'];
type Namespaces = Extract<KubernetesEvidence['namespaces'], { state: 'collected' }>['value'];

/** The AKS add-on's namespace is its root namespace: its mesh configuration does not let that be changed. */
const AKS_ISTIO = 'aks-istio-system';
/** Where installers put Istio, for clusters whose control plane runs elsewhere. */
const HOMES = ['istio-system', AKS_ISTIO];

const Mesh = v.object({ rootNamespace: v.optional(v.unknown()) });

/**
 * The installations of Istio with their root namespaces: by the pods of istiod, else by the namespaces that installers make. The mesh
 * configuration is ConfigMap `istio`, or `istio-<revision>`. Reference: istio.io, global mesh options, rootNamespace.
 */
export async function readIstioMeshes(
  reader: Reader,
  pods: Collected<Pods>,
  namespaces: Collected<Namespaces>,
): Promise<Collected<Meshes>> {
  if (pods.state === 'unavailable') return pods;
  if (namespaces.state === 'unavailable') return namespaces;
  const daemons = pods.value.filter(({ labels }) => labels['app'] === 'istiod');
  const running = daemons.map(({ namespace, labels }) => ({ namespace, revision: labels['istio.io/rev'] }));
  const homes = namespaces.value
    .filter(({ name }) => HOMES.includes(name))
    .map(({ name }) => ({ namespace: name, revision: undefined }));
  const places = new Map(
    (running.length > 0 ? running : homes).map((place) => [`${place.namespace} ${place.revision ?? ''}`, place]),
  );
  const meshes: Meshes = [];
  for (const { namespace, revision } of places.values()) {
    const root =
      namespace === AKS_ISTIO
        ? collected(ABSENT, reader.source(CONFIGURATION))
        : await rootOf(reader, namespace, revision);
    if (root.state === 'unavailable') return root;
    meshes.push({ namespace, rootNamespace: root.value });
  }
  return collected(meshes, reader.source(CONFIGURATION));
}

const CONFIGURATION = 'get configmaps/istio';

async function rootOf(
  reader: Reader,
  namespace: string,
  revision: string | undefined,
): Promise<Collected<Field<string>>> {
  const name = revision === undefined || revision === 'default' ? 'istio' : `istio-${revision}`;
  const map = await reader.configMap(CONFIGURATION, ['mesh'], { namespace, name });
  if (map.state === 'unavailable') return map;
  return reader.part(CONFIGURATION, async () =>
    textField(v.parse(Mesh, yamlOf(map.value.data['mesh'], `${namespace}/${name}`)).rootNamespace),
  );
}

/** Nothing in it is an empty mapping. */
function yamlOf(text: string | undefined, name: string): unknown {
  try {
    return parse(text ?? '') ?? {};
  } catch (error) {
    throw new Refusal('malformed-answer', `ConfigMap ${name} does not hold YAML`, { cause: error });
  }
}

const Authorization = v.object({
  metadata: Metadata,
  spec: v.nullish(
    v.object({
      selector: v.nullish(v.unknown()),
      targetRef: v.nullish(v.unknown()),
      targetRefs: v.nullish(v.unknown()),
      action: v.optional(v.unknown()),
      rules: v.nullish(v.array(v.record(v.string(), v.unknown()))),
    }),
  ),
});

export function readIstioAuthorization(item: unknown): OptionalItem<'istioAuthorizations'>[] {
  const { metadata, spec } = v.parse(Authorization, item);
  const rules = spec?.rules ?? [];
  return [
    {
      namespace: metadata.namespace ?? '',
      name: metadata.name,
      selective: [spec?.selector, spec?.targetRef, spec?.targetRefs].some(
        (part) => part !== undefined && part !== null,
      ),
      action: textField(spec?.action),
      matchesEverything: rules.some((rule) => Object.keys(rule).length === 0),
      rules: rules.length,
    },
  ];
}

const LinkerdValues = v.object({ proxy: v.nullish(v.object({ defaultInboundPolicy: v.optional(v.unknown()) })) });

/** The policy of pods without an annotation. Reference: linkerd.io, authorization policy; ConfigMap linkerd-config, key values. */
export async function readLinkerdDefaultPolicy(
  reader: Reader,
  installed: Collected<boolean>,
  pods: Collected<Pods>,
): Promise<Collected<Field<string>>> {
  if (installed.state === 'unavailable') return installed;
  if (pods.state === 'unavailable') return pods;
  if (!installed.value) return collected(ABSENT, installed.source);
  const namespace = pods.value.find(({ labels }) => LINKERD_HOME in labels)?.labels[LINKERD_HOME] ?? 'linkerd';
  const permission = 'get configmaps/linkerd-config';
  const map = await reader.configMap(permission, ['values'], { namespace, name: 'linkerd-config' });
  if (map.state === 'unavailable') return map;
  return reader.part(permission, async () =>
    textField(v.parse(LinkerdValues, yamlOf(map.value.data['values'], 'linkerd-config')).proxy?.defaultInboundPolicy),
  );
}

/** Label of every meshed pod: the namespace of its control plane. */
const LINKERD_HOME = 'linkerd.io/control-plane-ns';

const Server = v.object({
  metadata: Metadata,
  spec: v.object({
    port: v.union([v.string(), v.number()]),
    accessPolicy: v.optional(v.unknown()),
    podSelector: v.nullish(
      v.object({
        matchLabels: v.nullish(v.record(v.string(), v.string())),
        matchExpressions: v.nullish(v.array(v.unknown())),
      }),
    ),
  }),
});

export function readLinkerdServer(item: unknown): OptionalItem<'linkerdServers'>[] {
  const { metadata, spec } = v.parse(Server, item);
  return [
    {
      namespace: metadata.namespace ?? '',
      name: metadata.name,
      port: String(spec.port),
      accessPolicy: textField(spec.accessPolicy),
      podLabels: spec.podSelector?.matchLabels ?? {},
      otherwiseSelective: !spec.podSelector || (spec.podSelector.matchExpressions ?? []).length > 0,
    },
  ];
}
