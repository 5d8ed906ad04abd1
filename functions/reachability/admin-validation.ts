import { blockErrors } from './block-validation.ts';
import { portNumberErrors } from './port-validation.ts';
import { selectorErrors, selectorOf } from './selector-validation.ts';
import {
  anything,
  checkShape,
  fields,
  integer,
  isObject,
  items,
  type Json,
  labelSelector,
  list,
  object,
  type Shape,
  type ShapeError,
  text,
} from './shape.ts';

const pods = object({ namespaceSelector: labelSelector, podSelector: labelSelector });
const podPeer = { namespaces: labelSelector, pods };
const range = object({ protocol: text, start: integer, end: integer });
const ports = {
  v1alpha1: {
    ports: list(object({ portNumber: object({ protocol: text, port: integer }), portRange: range, namedPort: text })),
  },
  v1alpha2: {
    protocols: list(
      object({
        ...Object.fromEntries(
          ['tcp', 'udp', 'sctp'].map((name): [string, Shape] => [
            name,
            object({ destinationPort: object({ number: integer, range: object({ start: integer, end: integer }) }) }),
          ]),
        ),
        destinationNamedPort: text,
      }),
    ),
  },
};

function policyShape(port: Readonly<Record<string, Shape>>, own: Readonly<Record<string, Shape>>): Shape {
  const rule = { name: text, action: text, ...port };
  const to = object({ ...podPeer, nodes: labelSelector, networks: list(text), domainNames: list(text) });
  return object({
    apiVersion: text,
    kind: text,
    metadata: anything,
    status: anything,
    spec: object({
      ...own,
      subject: object(podPeer),
      ingress: list(object({ ...rule, from: list(object(podPeer)) })),
      egress: list(object({ ...rule, to: list(to) })),
    }),
  });
}

const SHAPES: Readonly<Record<string, Shape>> = {
  AdminNetworkPolicy: policyShape(ports.v1alpha1, { priority: integer }),
  BaselineAdminNetworkPolicy: policyShape(ports.v1alpha1, {}),
  ClusterNetworkPolicy: policyShape(ports.v1alpha2, { tier: text, priority: integer }),
};

/** How many entries the API takes in a list. */
function mostOf(kind: string): number {
  return kind === 'ClusterNetworkPolicy' ? 25 : 100;
}

const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  AdminNetworkPolicy: ['Allow', 'Deny', 'Pass'],
  BaselineAdminNetworkPolicy: ['Allow', 'Deny'],
  ClusterNetworkPolicy: ['Accept', 'Deny', 'Pass'],
};

/**
 * For which the API server refuses a cluster-wide policy of network-policy-api. Reference: kubernetes-sigs/network-policy-api, the
 * types of v1alpha1 and v1alpha2 with their validation markers.
 */
export function adminPolicyErrors(document: Json, kind: string): readonly ShapeError[] {
  const shape = checkShape(SHAPES[kind] ?? anything, document);
  if (shape.length > 0) return shape;
  const spec = fields(document['spec']);
  return [
    ...(kind === 'BaselineAdminNetworkPolicy' ? [] : priorityErrors(spec)),
    ...podsErrors(spec['subject'], 'spec.subject', kind),
    ...(['ingress', 'egress'] as const).flatMap((direction) => directionErrors(spec, direction, kind)),
  ];
}

function priorityErrors({ priority }: Json): readonly ShapeError[] {
  const valid = typeof priority === 'number' && priority >= 0 && priority <= 1000;
  const given = priority === undefined || priority === null ? 'nothing' : String(priority);
  return valid ? [] : [{ field: 'spec.priority', message: `${given} is not a priority: 0 to 1000` }];
}

function directionErrors(spec: Json, direction: 'ingress' | 'egress', kind: string): readonly ShapeError[] {
  const rules = items(spec[direction]);
  if (rules.length > mostOf(kind)) return countErrors(rules.length, `spec.${direction}`, 'rule', kind);
  return rules.flatMap((rule, index) => ruleErrors(fields(rule), `spec.${direction}[${index}]`, kind));
}

function countErrors(count: number, field: string, what: string, kind: string): readonly ShapeError[] {
  if (count === 0) return [{ field, message: `must hold at least one ${what}` }];
  return count > mostOf(kind) ? [{ field, message: `may not hold more than ${mostOf(kind)} ${what}s` }] : [];
}

function ruleErrors(rule: Json, field: string, kind: string): readonly ShapeError[] {
  const side = field.startsWith('spec.ingress') ? 'from' : 'to';
  const actions = ACTIONS[kind] ?? [];
  const { action } = rule;
  const peers = items(rule[side]);
  return [
    ...(actions.includes(String(action))
      ? []
      : [{ field: `${field}.action`, message: `"${String(action ?? '')}" is not supported: ${actions.join(', ')}` }]),
    ...countErrors(peers.length, `${field}.${side}`, 'peer', kind),
    ...peers.flatMap((peer, index) => peerErrors(fields(peer), `${field}.${side}[${index}]`, action, kind)),
    ...items(rule['ports']).flatMap((port, index) => portErrors(fields(port), `${field}.ports[${index}]`)),
    ...(Array.isArray(rule['protocols'])
      ? countErrors(rule['protocols'].length, `${field}.protocols`, 'protocol', kind)
      : []),
    ...items(rule['protocols']).flatMap((one, index) => protocolErrors(fields(one), `${field}.protocols[${index}]`)),
  ];
}

function peerErrors(peer: Json, field: string, action: unknown, kind: string): readonly ShapeError[] {
  const { networks, domainNames, nodes } = peer;
  const others = [networks, domainNames, nodes].filter((value) => value !== undefined && value !== null);
  if (others.length === 0) return podsErrors(peer, field, kind);
  if (others.length > 1 || isObject(peer['namespaces']) || isObject(peer['pods'])) {
    return [{ field, message: 'must specify exactly one kind of peer' }];
  }
  if (domainNames !== undefined && action === 'Deny') {
    return [{ field: `${field}.domainNames`, message: 'may only be used by a rule that allows' }];
  }
  if (Array.isArray(networks) && networks.length === 0) {
    return [{ field: `${field}.networks`, message: 'must hold at least one block' }];
  }
  return items(networks).flatMap((cidr, index) => blockErrors(cidr, `${field}.networks[${index}]`, 'prefix'));
}

/** `namespaces: selector`, or `pods: {namespaceSelector, podSelector}`: exactly one. v1alpha1 asks for both selectors in `pods`. */
function podsErrors(value: unknown, field: string, kind: string): readonly ShapeError[] {
  const { namespaces, pods: both } = fields(value);
  if (isObject(namespaces) === isObject(both)) {
    return [{ field, message: 'must specify exactly one of namespaces and pods' }];
  }
  if (isObject(namespaces)) return selectorErrors(selectorOf(namespaces), `${field}.namespaces`);
  return ['namespaceSelector', 'podSelector'].flatMap((name) => {
    const path = `${field}.pods.${name}`;
    const selector = fields(both)[name];
    if (isObject(selector)) return selectorErrors(selectorOf(selector), path);
    const mayLack = kind === 'ClusterNetworkPolicy' && name === 'namespaceSelector';
    return mayLack ? [] : [{ field: path, message: 'must be given' }];
  });
}

function portErrors(port: Json, field: string): readonly ShapeError[] {
  const given = ['portNumber', 'portRange', 'namedPort'].filter((name) => (port[name] ?? undefined) !== undefined);
  if (given.length !== 1)
    return [{ field, message: 'must specify exactly one of portNumber, portRange and namedPort' }];
  const { portNumber, portRange, namedPort } = port;
  if (typeof namedPort === 'string') return [];
  const one = fields(portNumber ?? portRange);
  const path = `${field}.${portNumber === undefined ? 'portRange' : 'portNumber'}`;
  const protocol = one['protocol'] ?? 'TCP';
  return [
    ...(['TCP', 'UDP', 'SCTP'].includes(String(protocol))
      ? []
      : [{ field: `${path}.protocol`, message: `"${String(protocol)}" is not supported: TCP, UDP or SCTP` }]),
    ...(isObject(portNumber) ? portNumberErrors(one['port'], `${path}.port`) : rangeErrors(one, path)),
  ];
}

function rangeErrors({ start, end }: Json, field: string): readonly ShapeError[] {
  return [...portNumberErrors(start, `${field}.start`), ...portNumberErrors(end, `${field}.end`)];
}

function protocolErrors(protocol: Json, field: string): readonly ShapeError[] {
  const given = Object.entries(protocol).filter(([, value]) => value !== undefined && value !== null);
  const [name, value] = given[0] ?? ['', undefined];
  if (given.length !== 1) {
    return [{ field, message: 'must specify exactly one of tcp, udp, sctp and destinationNamedPort' }];
  }
  if (typeof value === 'string') return [];
  const path = `${field}.${name}.destinationPort`;
  const { destinationPort } = fields(value);
  if (destinationPort === undefined || destinationPort === null) return [{ field: path, message: 'must be given' }];
  const { number, range: span } = fields(destinationPort);
  if ((number === undefined) === (span === undefined)) {
    return [{ field: path, message: 'must specify exactly one of number and range' }];
  }
  if (!isObject(span)) return portNumberErrors(number, `${path}.number`);
  const errors = rangeErrors(span, `${path}.range`);
  return errors.length > 0 || Number(span['start']) < Number(span['end'])
    ? errors
    : [{ field: `${path}.range`, message: 'start must be less than end' }];
}
