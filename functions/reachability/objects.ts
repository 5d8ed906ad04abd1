import { fields, isObject, items, type Json, textsOf } from './shape.ts';

/** The objects of a folder or of a cluster that policies name, found without walking through all of them for each policy. */
export class Objects {
  private readonly byKind: ReadonlyMap<unknown, readonly Json[]>;

  constructor(all: readonly Json[]) {
    this.byKind = Map.groupBy(all, ({ kind }) => kind);
  }

  ofKind(...kinds: readonly string[]): readonly Json[] {
    return kinds.flatMap((kind) => this.byKind.get(kind) ?? []);
  }

  /** The object of this kind and name; of several, the last one, as if they were applied in order. */
  named(kind: string, name: unknown): Json | undefined {
    return this.ofKind(kind).findLast(({ metadata }) => fields(metadata)['name'] === name);
  }

  /** Every kind that there is, with its objects. */
  get kinds(): Iterable<readonly [kind: unknown, objects: readonly Json[]]> {
    return this.byKind;
  }
}

/** DaemonSets that a network plugin brings, by name. */
const AGENTS: Readonly<Record<string, string>> = {
  cilium: 'Cilium',
  anetd: 'Dataplane V2',
  'calico-node': 'Calico',
  'aws-node': 'the Amazon VPC CNI',
  'azure-npm': 'Azure network policy manager',
  'kube-router': 'kube-router',
  'kube-ovn-cni': 'Kube-OVN',
  'antrea-agent': 'Antrea',
  'weave-net': 'Weave Net',
};

const GROUPS: readonly (readonly [group: RegExp, plugin: string])[] = [
  [/^cilium\.io\//, 'Cilium'],
  [/^(crd\.)?projectcalico\.org\//, 'Calico'],
  [/^operator\.tigera\.io\//, 'Calico'],
  [/^networking\.k8s\.aws\//, 'the Amazon VPC CNI'],
  [/^kubeovn\.io\//, 'Kube-OVN'],
  [/^crd\.antrea\.io\//, 'Antrea'],
];

/** Plugins by which a pod is known by its identity, so that no block of addresses selects it. */
const BY_IDENTITY = ['Cilium', 'Dataplane V2'];

/** The one network plugin that the objects show, by their kinds or by its own DaemonSet; undefined for none, and for several. */
export function pluginIn(objects: Objects): { readonly name: string; readonly includesPods: boolean } | undefined {
  const found = new Set<string>();
  for (const [kind, members] of objects.kinds) {
    for (const { apiVersion, metadata } of members) {
      const [, plugin] = GROUPS.find(([group]) => group.test(String(apiVersion))) ?? [];
      if (plugin !== undefined) found.add(plugin);
      const agent = kind === 'DaemonSet' ? String(fields(metadata)['name']) : '';
      if (Object.hasOwn(AGENTS, agent)) found.add(AGENTS[agent] ?? '');
    }
  }
  const [name] = found;
  return name === undefined || found.size > 1 ? undefined : { name, includesPods: !BY_IDENTITY.includes(name) };
}

/** A Service as rules and the picture need it. */
export interface Service {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Absent: its endpoints are written by somebody else. */
  readonly selector?: Readonly<Record<string, string>>;
  readonly spec: Json;
  readonly annotations: Json;
}

export function servicesIn(objects: Objects): readonly Service[] {
  return objects.ofKind('Service').flatMap((document): Service[] => {
    // Other groups have kinds of this name.
    if (document['apiVersion'] !== 'v1') return [];
    const { name, namespace, labels, annotations } = fields(document['metadata']);
    const spec = fields(document['spec']);
    const selector =
      isObject(spec['selector']) && Object.keys(spec['selector']).length > 0 ? spec['selector'] : undefined;
    return [
      {
        namespace: String(namespace ?? '') || 'default',
        name: String(name ?? ''),
        labels: textsOf(labels),
        ...(selector === undefined ? {} : { selector: textsOf(selector) }),
        spec,
        annotations: fields(annotations),
      },
    ];
  });
}

/** Addresses of endpoints that are written by hand for a Service without a selector. */
export function endpointsOf({ namespace, name }: Service, objects: Objects): readonly string[] | undefined {
  const own = ({ metadata }: Json, named: (of: Json) => boolean) => {
    const of = fields(metadata);
    return (String(of['namespace'] ?? '') || 'default') === namespace && named(of);
  };
  const endpoints = objects
    .ofKind('Endpoints')
    .filter((document) => own(document, (of) => of['name'] === name))
    .flatMap((document) => items(document['subsets']).flatMap((subset) => items(fields(subset)['addresses'])))
    .map((address) => String(fields(address)['ip']));
  const slices = objects
    .ofKind('EndpointSlice')
    .filter((document) => own(document, ({ labels }) => fields(labels)['kubernetes.io/service-name'] === name))
    .flatMap((document) => items(document['endpoints']).flatMap((endpoint) => items(fields(endpoint)['addresses'])))
    .map(String);
  const found = [...endpoints, ...slices];
  return found.length === 0 ? undefined : found;
}
