import { blockErrors } from './block-validation.ts';
import { parseCalicoSelector } from './calico-selector.ts';
import {
  anything,
  boolean,
  checkShape,
  fields,
  integer,
  integerOrText,
  items,
  type Json,
  list,
  number,
  object,
  partOf,
  type ShapeError,
  text,
} from './shape.ts';

/** Criteria beyond these are named one by one where the rule is compiled, and counted against it. */
const side = partOf({
  nets: list(text),
  notNets: list(text),
  selector: text,
  notSelector: text,
  namespaceSelector: text,
  serviceAccounts: object({ names: list(text), selector: text }),
  services: object({ name: text, namespace: text }),
  ports: list(integerOrText),
  notPorts: list(integerOrText),
});
const rule = object({
  action: text,
  protocol: integerOrText,
  notProtocol: integerOrText,
  ipVersion: integer,
  icmp: anything,
  notICMP: anything,
  source: side,
  destination: side,
  http: anything,
  metadata: anything,
});
const POLICY = object({
  apiVersion: text,
  kind: text,
  metadata: anything,
  status: anything,
  spec: object({
    tier: text,
    order: number,
    selector: text,
    namespaceSelector: text,
    serviceAccountSelector: text,
    types: list(text),
    ingress: list(rule),
    egress: list(rule),
    doNotTrack: boolean,
    preDNAT: boolean,
    applyOnForward: boolean,
    performanceHints: list(text),
  }),
});

/** For which Calico refuses a policy. Reference: projectcalico/calico, the schema of the CRD and the validator of v3. */
export function calicoErrors(document: Json): readonly ShapeError[] {
  const shape = checkShape(POLICY, document);
  if (shape.length > 0) return shape;
  const spec = fields(document['spec']);
  return [
    ...selectorTextErrors(spec, 'spec'),
    ...items(spec['types']).flatMap((type, index) =>
      type === 'Ingress' || type === 'Egress'
        ? []
        : [{ field: `spec.types[${index}]`, message: `"${String(type)}" is not supported: Ingress or Egress` }],
    ),
    ...['ingress', 'egress'].flatMap((name) =>
      items(spec[name]).flatMap((item, index) => ruleErrors(fields(item), `spec.${name}[${index}]`)),
    ),
  ];
}

/** The language is Calico's own. */
function selectorTextErrors(part: Json, field: string): readonly ShapeError[] {
  return ['selector', 'notSelector', 'namespaceSelector', 'serviceAccountSelector'].flatMap((name) => {
    const given = String(part[name] ?? '');
    return parseCalicoSelector(given) === undefined
      ? [{ field: `${field}.${name}`, message: `"${given}" is not a selector` }]
      : [];
  });
}

const ACTIONS = ['Allow', 'Deny', 'Pass', 'Log'];
const PROTOCOLS = ['TCP', 'UDP', 'SCTP', 'ICMP', 'ICMPV6', 'UDPLITE'];
const WITH_PORTS = ['TCP', 'UDP', 'SCTP', '6', '17', '132'];

function ruleErrors(one: Json, field: string): readonly ShapeError[] {
  const sides = ['source', 'destination'].map((name) => ({ part: fields(one[name]), path: `${field}.${name}` }));
  const namesPorts = sides.some(({ part }) => items(part['ports']).length > 0 || items(part['notPorts']).length > 0);
  const protocol = one['protocol'] ?? '';
  const action = String(one['action'] ?? '');
  return [
    ...(ACTIONS.includes(action)
      ? []
      : [{ field: `${field}.action`, message: `"${action}" is not supported: Allow, Deny, Pass or Log` }]),
    ...(protocol === '' || isProtocol(String(protocol))
      ? []
      : [{ field: `${field}.protocol`, message: `"${String(protocol)}" is not a protocol` }]),
    ...(namesPorts && !WITH_PORTS.includes(String(protocol).toUpperCase())
      ? [{ field: `${field}.protocol`, message: `"${String(protocol)}" has no ports: TCP, UDP or SCTP must be given` }]
      : []),
    ...sides.flatMap(({ part, path }) => [
      ...selectorTextErrors(part, path),
      ...['nets', 'notNets'].flatMap((name) =>
        items(part[name]).flatMap((net, index) => blockErrors(net, `${path}.${name}[${index}]`, 'address')),
      ),
      ...['ports', 'notPorts'].flatMap((name) =>
        items(part[name]).flatMap((port, index) => portErrors(String(port), `${path}.${name}[${index}]`)),
      ),
    ]),
  ];
}

function isProtocol(protocol: string): boolean {
  const number = /^\d{1,3}$/.test(protocol) ? Number(protocol) : 0;
  return PROTOCOLS.includes(protocol.toUpperCase()) || (number >= 1 && number <= 255);
}

/** A number, `first:last`, or the name of a port. */
function portErrors(port: string, field: string): readonly ShapeError[] {
  const [first = '', last = first, ...rest] = port.split(':');
  const numeric = [first, last].every((part) => /^\d{1,5}$/.test(part) && Number(part) <= 65_535);
  const valid =
    port.includes(':') || /^-?\d+$/.test(port)
      ? numeric && rest.length === 0 && Number(first) <= Number(last)
      : /^[a-zA-Z0-9_.-]{1,128}$/.test(port);
  return valid
    ? []
    : [{ field, message: `"${port}" is neither a port, a range such as 80:90, nor the name of a port` }];
}
