import { blockErrors } from './block-validation.ts';
import { selectorErrors, selectorOf } from './selector-validation.ts';
import {
  anything,
  boolean,
  checkShape,
  fields,
  integer,
  items,
  type Json,
  labelSelector,
  list,
  object,
  partOf,
  type Shape,
  type ShapeError,
  text,
} from './shape.ts';

const PEERS: Readonly<Record<string, Shape>> = {
  Endpoints: list(labelSelector),
  Requires: list(labelSelector),
  CIDR: list(text),
  CIDRSet: list(partOf({ cidr: text, except: list(text), cidrGroupRef: text })),
  Entities: list(text),
  Groups: anything,
  Nodes: list(labelSelector),
};
const OUTWARD: Readonly<Record<string, Shape>> = { ...PEERS, FQDNs: anything, Services: anything };
const ports = list(partOf({ ports: list(partOf({ port: text, protocol: text, endPort: integer })) }));

function ruleShape(side: 'from' | 'to', peers: Readonly<Record<string, Shape>>): Shape {
  return object({
    ...Object.fromEntries(Object.entries(peers).map(([name, shape]) => [`${side}${name}`, shape])),
    toPorts: ports,
    icmps: list(anything),
    authentication: anything,
  });
}

const inward = list(ruleShape('from', PEERS));
const outward = list(ruleShape('to', OUTWARD));
const spec = object({
  endpointSelector: labelSelector,
  nodeSelector: labelSelector,
  ingress: inward,
  ingressDeny: inward,
  egress: outward,
  egressDeny: outward,
  enableDefaultDeny: object({ ingress: boolean, egress: boolean }),
  labels: anything,
  description: text,
  log: anything,
});
const POLICY = object({ apiVersion: text, kind: text, metadata: anything, spec, specs: list(spec), status: anything });

/**
 * For which the API server, or the agent after it, refuses a Cilium policy: neither then has an effect. Reference: cilium/cilium, the
 * schema of the CRD and the sanitising of rules.
 */
export function ciliumErrors(document: Json): readonly ShapeError[] {
  const shape = checkShape(POLICY, document);
  if (shape.length > 0) return shape;
  return [
    ...specErrors(fields(document['spec']), 'spec'),
    ...items(document['specs']).flatMap((one, index) => specErrors(fields(one), `specs[${index}]`)),
  ];
}

function specErrors(one: Json, field: string): readonly ShapeError[] {
  return [
    ...prefixedErrors(one['endpointSelector'], `${field}.endpointSelector`),
    ...prefixedErrors(one['nodeSelector'], `${field}.nodeSelector`),
    ...['ingress', 'ingressDeny', 'egress', 'egressDeny'].flatMap((name) =>
      items(one[name]).flatMap((rule, index) => ruleErrors(fields(rule), `${field}.${name}[${index}]`)),
    ),
  ];
}

/** Keys may carry the source of the label, `k8s:app`, `reserved:host`: Cilium holds it to the form of a key with a dot instead. */
function prefixedErrors(value: unknown, field: string): readonly ShapeError[] {
  const { matchLabels = {}, matchExpressions = [] } = selectorOf(value);
  const plain = (key: string) => key.replace(':', '.');
  const selector = {
    matchLabels: Object.fromEntries(Object.entries(matchLabels).map(([key, text_]) => [plain(key), text_])),
    matchExpressions: matchExpressions.map((expression) => ({ ...expression, key: plain(expression.key) })),
  };
  return selectorErrors(selector, field);
}

function ruleErrors(rule: Json, field: string): readonly ShapeError[] {
  return Object.entries(rule).flatMap(([key, value]): readonly ShapeError[] => {
    const each = (errorsOf: (item: unknown, path: string) => readonly ShapeError[]) =>
      items(value).flatMap((item, index) => errorsOf(item, `${field}.${key}[${index}]`));
    if (key === 'toPorts') return each((item, path) => portListErrors(fields(item), path));
    if (/^(from|to)(Endpoints|Requires|Nodes)$/.test(key)) return each(prefixedErrors);
    if (/^(from|to)CIDR$/.test(key)) return each((item, path) => blockErrors(item, path, 'address'));
    if (/^(from|to)CIDRSet$/.test(key)) return each((item, path) => blockSetErrors(fields(item), path));
    return [];
  });
}

function blockSetErrors({ cidr, except }: Json, field: string): readonly ShapeError[] {
  return [
    ...(cidr === undefined || cidr === null ? [] : blockErrors(cidr, `${field}.cidr`, 'address')),
    ...items(except).flatMap((item, index) => blockErrors(item, `${field}.except[${index}]`, 'address')),
  ];
}

const PROTOCOLS = ['TCP', 'UDP', 'SCTP', 'ICMP', 'ICMPV6', 'VRRP', 'IGMP', 'ANY'];

function portListErrors(entry: Json, field: string): readonly ShapeError[] {
  return items(entry['ports']).flatMap((item, index): ShapeError[] => {
    const path = `${field}.ports[${index}]`;
    const { port, protocol, endPort } = fields(item);
    const errors: ShapeError[] = [];
    if (protocol !== undefined && protocol !== null && !PROTOCOLS.includes(String(protocol).toUpperCase())) {
      errors.push({ field: `${path}.protocol`, message: `"${String(protocol)}" is not supported` });
    }
    const name = String(port ?? '');
    const number = /^\d+$/.test(name) ? Number(name) : undefined;
    if (number === undefined ? !/^(?=.*[a-zA-Z])[a-zA-Z0-9]+(-[a-zA-Z0-9]+)*$/.test(name) : number > 65_535) {
      errors.push({ field: `${path}.port`, message: `"${name}" is neither a port, 0 to 65535, nor the name of one` });
    }
    if (typeof endPort === 'number' && endPort !== 0 && (endPort > 65_535 || endPort < (number ?? 0))) {
      errors.push({ field: `${path}.endPort`, message: `${endPort} is not a port from ${name} to 65535` });
    }
    return errors;
  });
}
