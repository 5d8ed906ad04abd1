import * as v from 'valibot';
import { collectedSchema, fieldSchema } from '../collected.ts';

const Text = fieldSchema(v.string());
const Labels = v.record(v.string(), v.string());
const Place = { namespace: v.string(), name: v.string() } as const;

/** Objects of a kind that a cluster need not have: `served` is false where its API group is not installed, and the list is empty then. */
function optionalKind<const S extends v.GenericSchema>(item: S) {
  return collectedSchema(v.strictObject({ served: v.boolean(), items: v.array(item) }));
}

/** Of a pod nothing else is kept: environment and volumes often hold secrets. */
const Pod = v.strictObject({
  ...Place,
  labels: Labels,
  owner: fieldSchema(v.strictObject({ kind: v.string(), name: v.string() })),
  serviceAccount: v.string(),
  phase: v.string(),
  hostNetwork: v.boolean(),
  /** Annotation of the pod: it decides for Linkerd's proxy in it, whatever its namespace says now. */
  linkerdInboundPolicy: Text,
  ports: v.array(v.strictObject({ name: v.string(), port: v.number(), protocol: v.picklist(['TCP', 'UDP', 'SCTP']) })),
});

/** A control plane pod that the node started from a file: its flags are the settings in force. */
const StaticPod = v.strictObject({
  name: v.string(),
  component: v.picklist(['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'etcd']),
  command: v.array(v.string()),
});

/** A policy of any kind; `spec` is the JSON text of what the API server stores (of `specs` too, where there are several). */
const Policy = v.strictObject({
  apiVersion: v.string(),
  kind: v.string(),
  /** Empty for cluster-scoped kinds. */
  namespace: v.string(),
  name: v.string(),
  spec: v.string(),
});

const ConfigMap = v.strictObject({ present: v.boolean(), data: v.record(v.string(), v.string()) });

const Address = v.strictObject({ ip: Text, hostname: Text });

const Service = v.strictObject({
  ...Place,
  type: Text,
  loadBalancerClass: Text,
  /** Only the annotations that tell a load balancer's kind. */
  annotations: Labels,
  externalIPs: v.array(v.string()),
  sourceRanges: v.array(v.string()),
  nodePorts: v.array(v.number()),
  addresses: v.array(Address),
});

/** An Ingress or a Gateway. */
const Entrance = v.strictObject({
  ...Place,
  className: Text,
  annotations: Labels,
  addresses: v.array(Address),
});

const Role = v.strictObject({
  kind: v.picklist(['ClusterRole', 'Role']),
  ...Place,
  rules: v.array(
    v.strictObject({
      verbs: v.array(v.string()),
      apiGroups: v.array(v.string()),
      resources: v.array(v.string()),
      /** Empty: every object of the kind. */
      resourceNames: v.array(v.string()),
    }),
  ),
});

const RoleBinding = v.strictObject({
  kind: v.picklist(['ClusterRoleBinding', 'RoleBinding']),
  ...Place,
  role: v.strictObject({ kind: v.string(), name: v.string() }),
  subjects: v.array(v.strictObject({ kind: v.string(), name: v.string(), namespace: v.string() })),
});

const PluginContainer = v.strictObject({
  name: v.string(),
  /** `<repository>:<tag>`, as the template names it. */
  image: Text,
  /** Command and arguments. */
  args: v.array(v.string()),
  /** Only the variables that switch the enforcement of policies. */
  env: v.record(v.string(), v.string()),
});

/** What a cluster's own API tells. Reference: Kubernetes API; each part names the call that read it. */
export const KubernetesEvidence = v.strictObject({
  name: v.string(),
  platform: v.picklist(['eks', 'aks', 'iks', 'self-managed']),
  namespaces: collectedSchema(v.array(v.strictObject({ name: v.string(), labels: Labels }))),
  pods: collectedSchema(v.array(Pod)),
  staticPods: collectedSchema(v.array(StaticPod)),
  networkPolicies: collectedSchema(v.array(Policy)),
  ciliumPolicies: optionalKind(Policy),
  calicoPolicies: optionalKind(Policy),
  adminPolicies: optionalKind(Policy),
  daemonSets: collectedSchema(
    v.array(
      v.strictObject({
        ...Place,
        /** Pods of it that are ready. */
        ready: fieldSchema(v.number()),
        /** Of network plugins only. */
        containers: v.array(PluginContainer),
      }),
    ),
  ),
  /** Deployments that enforce policies for the network plugin of a DaemonSet; read only where that plugin runs. */
  policyControllers: collectedSchema(v.array(v.strictObject({ ...Place, containers: v.array(PluginContainer) }))),
  ciliumConfig: collectedSchema(ConfigMap),
  vpcCniConfig: collectedSchema(ConfigMap),
  nodeClasses: optionalKind(v.strictObject({ name: v.string(), networkPolicy: Text })),
  nodes: collectedSchema(
    v.array(
      v.strictObject({
        name: v.string(),
        addresses: v.array(v.string()),
        kubeletVersion: Text,
        /** Where the node's kubelet listens, as it reports itself. */
        kubeletPort: fieldSchema(v.number()),
        /** Whether the node carries the label by which AKS names its cluster. */
        ofAks: v.boolean(),
      }),
    ),
  ),
  /** Whether OpenShift's own API is installed. */
  openshift: collectedSchema(v.boolean()),
  services: collectedSchema(v.array(Service)),
  ingresses: collectedSchema(v.array(Entrance)),
  gateways: optionalKind(Entrance),
  peerAuthentications: optionalKind(
    v.strictObject({
      ...Place,
      selective: v.boolean(),
      mode: Text,
      /** Modes of single ports. */
      portModes: v.array(v.string()),
    }),
  ),
  /** Istio's installations: the namespace of its control plane, and the root namespace of its mesh configuration, absent where the configuration names none. */
  istioMeshes: collectedSchema(v.array(v.strictObject({ namespace: v.string(), rootNamespace: Text }))),
  istioAuthorizations: optionalKind(
    v.strictObject({
      ...Place,
      /** It has a selector or target references: it is not for its whole namespace. */
      selective: v.boolean(),
      action: Text,
      /** One of its rules has no condition at all. */
      matchesEverything: v.boolean(),
      rules: v.number(),
    }),
  ),
  felixConfigurations: optionalKind(v.strictObject({ name: v.string(), wireguardEnabled: fieldSchema(v.boolean()) })),
  /** Whether Linkerd's policy API is installed. */
  linkerd: collectedSchema(v.boolean()),
  /** The installation's inbound policy for pods without an annotation of their own; absent where its configuration names none. */
  linkerdDefaultPolicy: collectedSchema(Text),
  linkerdServers: optionalKind(
    v.strictObject({
      ...Place,
      /** The port as the Server names it. */
      port: v.string(),
      accessPolicy: Text,
      /** `matchLabels` of the Server's pod selector; undefined labels select every pod of the namespace. */
      podLabels: Labels,
      /** It selects by expressions too, or something else than pods. */
      otherwiseSelective: v.boolean(),
    }),
  ),
  roles: collectedSchema(v.array(Role)),
  roleBindings: collectedSchema(v.array(RoleBinding)),
  /** Whether the identity that reads can read secrets as well: it should not. */
  canReadSecrets: collectedSchema(v.boolean()),
});
export type KubernetesEvidence = v.InferOutput<typeof KubernetesEvidence>;
