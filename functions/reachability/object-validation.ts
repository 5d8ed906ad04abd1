import { isPort } from './port-validation.ts';
import { PROTOCOLS } from './ports.ts';
import { keyErrors, labelErrors } from './selector-validation.ts';
import {
  boolean,
  checkShape,
  fields,
  type Json,
  list,
  map,
  partOf,
  type Shape,
  type ShapeError,
  text,
  textsOf,
  typed,
} from './shape.ts';

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const DNS_LABEL = new RegExp(`^(?=.{1,63}$)${LABEL}$`);
const DNS_SUBDOMAIN = new RegExp(`^(?=.{1,253}$)${LABEL}(\\.${LABEL})*$`);

const metadata = partOf({
  name: text,
  generateName: text,
  namespace: text,
  labels: map(text),
  annotations: map(text),
});

const port = typed('a port from 1 to 65535', (value) => Number.isInteger(value) && isPort(value));
const protocol = typed('TCP, UDP or SCTP', (value) => value === '' || PROTOCOLS.some((one) => one === value));

const template = partOf({
  metadata: partOf({ labels: map(text) }),
  spec: partOf({
    hostNetwork: boolean,
    serviceAccountName: text,
    ...Object.fromEntries(
      ['containers', 'initContainers'].map((name): [string, Shape] => [
        name,
        list(partOf({ ports: list(partOf({ name: text, containerPort: port, protocol })) })),
      ]),
    ),
  }),
});

/** What the API server refuses in the name, the namespace, the labels and annotations of any object. */
export function metadataErrors(document: Json): readonly ShapeError[] {
  const errors = checkShape(partOf({ metadata }), document);
  if (errors.length > 0) return errors;
  const { name, generateName, namespace, labels, annotations } = fields(document['metadata']);
  const isNamespace = document['kind'] === 'Namespace';
  return [
    ...(given(name) || given(generateName)
      ? []
      : [{ field: 'metadata.name', message: 'name or generateName is required' }]),
    ...nameErrors(name, 'metadata.name', isNamespace ? DNS_LABEL : DNS_SUBDOMAIN),
    ...nameErrors(namespace, 'metadata.namespace', DNS_LABEL),
    ...labelErrors(textsOf(labels), 'metadata.labels'),
    ...Object.keys(fields(annotations)).flatMap((key) => keyErrors(key, 'metadata.annotations', 'annotation')),
  ];
}

/** The same for a workload, with the parts of its pods that are read. `path` leads to the pod template; a Pod is its own. */
export function workloadErrors(document: Json, path: readonly string[]): readonly ShapeError[] {
  const own = metadataErrors(document);
  const shape = path.reduceRight<Shape>((inner, key) => partOf({ [key]: inner }), template);
  const errors = [...own, ...(path.length === 0 && own.length > 0 ? [] : checkShape(shape, document))];
  if (errors.length > 0 || path.length === 0) return errors;
  const { labels } = fields(path.concat('metadata').reduce<Json>((part, key) => fields(part[key]), document));
  return labelErrors(textsOf(labels), `${path.join('.')}.metadata.labels`);
}

function given(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

function nameErrors(value: unknown, field: string, pattern: RegExp): readonly ShapeError[] {
  return typeof value !== 'string' || value === '' || pattern.test(value)
    ? []
    : [{ field, message: `"${value}" is not a valid name` }];
}
