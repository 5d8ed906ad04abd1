import type { LabelRequirement, LabelSelector, Labels } from './selector.ts';
import { fields, items, type ShapeError } from './shape.ts';

const NAME = /^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)$/;
const PREFIX = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** A decoded selector, without the difference between `null` and absent. */
export function selectorOf(value: unknown): LabelSelector {
  const { matchLabels, matchExpressions } = fields(value);
  return {
    matchLabels: Object.fromEntries(
      Object.entries(fields(matchLabels)).map(([key, text]) => [key, String(text ?? '')]),
    ),
    matchExpressions: items(matchExpressions).map((item): LabelRequirement => {
      const { key, operator, values } = fields(item);
      return {
        key: String(key ?? ''),
        operator: operator as LabelRequirement['operator'],
        values: items(values).map((text) => String(text ?? '')),
      };
    }),
  };
}

/** What the API server refuses in a label selector. Reference: apimachinery, meta/v1 validation. */
export function selectorErrors(selector: LabelSelector, field: string): readonly ShapeError[] {
  const labels = labelErrors(selector.matchLabels ?? {}, `${field}.matchLabels`);
  const expressions = (selector.matchExpressions ?? []).flatMap(({ key, operator, values = [] }, index) => {
    const path = `${field}.matchExpressions[${index}]`;
    const errors = [...keyErrors(key, `${path}.key`)];
    if (operator === 'In' || operator === 'NotIn') {
      if (values.length === 0)
        errors.push({ field: `${path}.values`, message: `must be given with operator ${operator}` });
    } else if (operator === 'Exists' || operator === 'DoesNotExist') {
      if (values.length > 0)
        errors.push({ field: `${path}.values`, message: `must not be given with operator ${operator}` });
    } else {
      errors.push({ field: `${path}.operator`, message: `"${operator ?? ''}" is not a valid label selector operator` });
    }
    return [...errors, ...values.flatMap((value, at) => valueErrors(value, `${path}.values[${at}]`))];
  });
  return [...labels, ...expressions];
}

/** Keys and values of labels, on an object or in a selector. */
export function labelErrors(labels: Labels, field: string): readonly ShapeError[] {
  return Object.entries(labels).flatMap(([key, value]) => [
    ...keyErrors(key, field),
    ...valueErrors(value, `${field}.${key}`),
  ]);
}

export function keyErrors(given: string, field: string, of: 'label' | 'annotation' = 'label'): readonly ShapeError[] {
  // Capitals are allowed in the prefix of an annotation.
  const key = of === 'annotation' ? given.toLowerCase() : given;
  const [name = '', prefix, ...rest] = key.split('/').reverse();
  const valid =
    rest.length === 0 &&
    name.length <= 63 &&
    NAME.test(name) &&
    (prefix === undefined || (prefix.length <= 253 && PREFIX.test(prefix)));
  return valid ? [] : [{ field, message: `"${given}" is not a valid ${of} key` }];
}

function valueErrors(value: string, field: string): readonly ShapeError[] {
  return value === '' || (value.length <= 63 && NAME.test(value))
    ? []
    : [{ field, message: `"${value}" is not a valid label value` }];
}
