/**
 * Strict decoding as the API server does it with `fieldValidation=Strict` (kubectl's default): every unknown field and every value of
 * another type is an error that names its path. `null` is "not set", as in Go; a `null` item of a list of objects is an empty object.
 */
export interface ShapeError {
  readonly field: string;
  readonly message: string;
}

export type Shape = (value: unknown, field: string, report: (error: ShapeError) => void) => void;

export type Json = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The fields of a decoded object; an empty object for `null` and what is none. */
export function fields(value: unknown): Json {
  return isObject(value) ? value : {};
}

/** The items of a decoded list; none for `null` and what is no list. */
export function items(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The entries of a decoded map, such as labels, as texts. */
export function textsOf(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(fields(value)).map(([key, text_]) => [key, String(text_ ?? '')]));
}

/** A value that passes a test; what is not set passes. */
export function typed(name: string, test: (value: unknown) => boolean): Shape {
  return (value, field, report) => {
    if (value === undefined || value === null || test(value)) return;
    const given = typeof value === 'object' ? JSON.stringify(value) : String(value);
    const quote = name === 'a string' && typeof value !== 'object' ? ': put it in quotes' : '';
    const why = quote !== '' && typeof value === 'boolean' ? ' (y, n, yes, no, on and off are booleans)' : '';
    report({ field, message: `must be ${name}, not ${given}${quote}${why}` });
  };
}

export const text = typed('a string', (value) => typeof value === 'string');
export const boolean = typed('true or false', (value) => typeof value === 'boolean');
export const number = typed('a number', (value) => typeof value === 'number');
export const integer = typed('an integer', Number.isInteger);
export const integerOrText = typed(
  'an integer or a string',
  (value) => typeof value === 'string' || Number.isInteger(value),
);
/** A part that is not looked into. */
export const anything: Shape = () => {};

export function list(item: Shape): Shape {
  return (value, field, report) => {
    if (value === undefined || value === null) return;
    if (!Array.isArray(value)) return report({ field, message: 'must be a list' });
    value.forEach((entry, index) => {
      item(entry, `${field}[${index}]`, report);
    });
  };
}

export function map(item: Shape): Shape {
  return (value, field, report) => {
    if (value === undefined || value === null) return;
    if (!isObject(value)) return report({ field, message: 'must be a map' });
    for (const [key, entry] of Object.entries(value)) item(entry, `${field}.${key}`, report);
  };
}

const unknownField: Shape = (_value, field, report) => report({ field, message: `unknown field "${field}"` });

export function object(known: Readonly<Record<string, Shape>>, other: Shape = unknownField): Shape {
  return (value, field, report) => {
    if (value === undefined || value === null) return;
    if (!isObject(value)) return report({ field, message: 'must be an object' });
    for (const [key, entry] of Object.entries(value)) {
      const shape = (Object.hasOwn(known, key) ? known[key] : undefined) ?? other;
      shape(entry, field === '' ? key : `${field}.${key}`, report);
    }
  };
}

/** An object of which only these fields are looked at. */
export function partOf(known: Readonly<Record<string, Shape>>): Shape {
  return object(known, anything);
}

export const labelSelector = object({
  matchLabels: map(text),
  matchExpressions: list(object({ key: text, operator: text, values: list(text) })),
});

/** `metadata` of any object. Reference: Kubernetes API, meta/v1 ObjectMeta. */
export const objectMeta = object({
  name: text,
  generateName: text,
  namespace: text,
  selfLink: text,
  uid: text,
  resourceVersion: text,
  generation: integer,
  creationTimestamp: text,
  deletionTimestamp: text,
  deletionGracePeriodSeconds: integer,
  labels: map(text),
  annotations: map(text),
  ownerReferences: list(anything),
  finalizers: list(text),
  managedFields: list(anything),
});

/** Reads `shape` over `value` and returns every error found. */
export function checkShape(shape: Shape, value: unknown, field = ''): readonly ShapeError[] {
  const errors: ShapeError[] = [];
  shape(value, field, (error) => errors.push(error));
  return errors;
}
