import { blockOf } from './block-validation.ts';
import { isPort, PORT_NAME } from './port-validation.ts';
import { selectorErrors, selectorOf } from './selector-validation.ts';
import {
  anything,
  checkShape,
  fields,
  integer,
  integerOrText,
  items,
  type Json,
  labelSelector,
  list,
  object,
  objectMeta,
  type ShapeError,
  text,
} from './shape.ts';

const peer = object({
  podSelector: labelSelector,
  namespaceSelector: labelSelector,
  ipBlock: object({ cidr: text, except: list(text) }),
});
const port = object({ protocol: text, port: integerOrText, endPort: integer });

const NETWORK_POLICY = object({
  apiVersion: text,
  kind: text,
  metadata: objectMeta,
  spec: object({
    podSelector: labelSelector,
    ingress: list(object({ from: list(peer), ports: list(port) })),
    egress: list(object({ to: list(peer), ports: list(port) })),
    policyTypes: list(text),
  }),
  // Served by Kubernetes 1.24 to 1.27 and then removed: says nothing about the policy.
  status: anything,
});

/** Everything for which the API server would refuse the policy. Reference: kubernetes pkg/apis/networking/validation. */
export function networkPolicyErrors(document: Json): readonly ShapeError[] {
  const shape = checkShape(NETWORK_POLICY, document);
  return shape.length > 0 ? shape : specErrors(fields(document['spec']));
}

function specErrors(spec: Json): readonly ShapeError[] {
  return [
    ...selectorErrors(selectorOf(spec['podSelector']), 'spec.podSelector'),
    ...items(spec['ingress']).flatMap((rule, index) => ruleErrors(fields(rule), 'from', `spec.ingress[${index}]`)),
    ...items(spec['egress']).flatMap((rule, index) => ruleErrors(fields(rule), 'to', `spec.egress[${index}]`)),
    ...typeErrors(items(spec['policyTypes'])),
  ];
}

function typeErrors(types: readonly unknown[]): readonly ShapeError[] {
  if (types.length > 2) return [{ field: 'spec.policyTypes', message: 'may not specify more than two policyTypes' }];
  return types.flatMap((type, index) =>
    type === 'Ingress' || type === 'Egress'
      ? []
      : [{ field: `spec.policyTypes[${index}]`, message: `"${String(type)}" is not supported: Ingress or Egress` }],
  );
}

function ruleErrors(rule: Json, peers: 'from' | 'to', field: string): readonly ShapeError[] {
  return [
    ...items(rule['ports']).flatMap((item, index) => portErrors(fields(item), `${field}.ports[${index}]`)),
    ...items(rule[peers]).flatMap((item, index) => peerErrors(fields(item), `${field}.${peers}[${index}]`)),
  ];
}

function portErrors(item: Json, field: string): readonly ShapeError[] {
  const { protocol, port: value, endPort } = item;
  const errors: ShapeError[] = [];
  if (typeof protocol === 'string' && !['TCP', 'UDP', 'SCTP'].includes(protocol)) {
    errors.push({ field: `${field}.protocol`, message: `"${protocol}" is not supported: TCP, UDP or SCTP` });
  }
  if (typeof value === 'number' && !isPort(value)) {
    errors.push({ field: `${field}.port`, message: `${value} is not a port: 1 to 65535` });
  }
  if (typeof value === 'string' && !PORT_NAME.test(value)) {
    errors.push({ field: `${field}.port`, message: `"${value}" is not a port name` });
  }
  if (typeof endPort === 'number') {
    if (typeof value !== 'number') {
      errors.push({ field: `${field}.endPort`, message: 'needs a numeric port beside it' });
    } else if (endPort < value) {
      errors.push({ field: `${field}.endPort`, message: `${endPort} must be greater than or equal to port ${value}` });
    } else if (!isPort(endPort)) {
      errors.push({ field: `${field}.endPort`, message: `${endPort} is not a port: 1 to 65535` });
    }
  }
  return errors;
}

function peerErrors(item: Json, field: string): readonly ShapeError[] {
  const { podSelector, namespaceSelector, ipBlock } = item;
  const given = [podSelector, namespaceSelector, ipBlock].filter((value) => value !== undefined && value !== null);
  if (given.length === 0) return [{ field, message: 'must specify a peer' }];
  const block = ipBlock === undefined || ipBlock === null ? undefined : fields(ipBlock);
  if (block !== undefined && given.length > 1) {
    return [{ field, message: 'may not specify both ipBlock and another peer' }];
  }
  return [
    ...selectorErrors(selectorOf(podSelector), `${field}.podSelector`),
    ...selectorErrors(selectorOf(namespaceSelector), `${field}.namespaceSelector`),
    ...(block === undefined ? [] : ipBlockErrors(block, `${field}.ipBlock`)),
  ];
}

function ipBlockErrors({ cidr, except }: Json, field: string): readonly ShapeError[] {
  const whole = blockOf(cidr, 'prefix');
  if (whole === undefined) {
    return [{ field: `${field}.cidr`, message: cidr ? `"${String(cidr)}" is not a CIDR block` : 'must be given' }];
  }
  return items(except).flatMap((item, index) => {
    const path = `${field}.except[${index}]`;
    const part = blockOf(item, 'prefix');
    if (part === undefined) return [{ field: path, message: `"${String(item)}" is not a CIDR block` }];
    const strict =
      part.family === whole.family &&
      part.first >= whole.first &&
      part.last <= whole.last &&
      part.last - part.first < whole.last - whole.first;
    return strict
      ? []
      : [{ field: path, message: `"${String(item)}" must be a strict subset of cidr "${String(cidr)}"` }];
  });
}
