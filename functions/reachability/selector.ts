/** A Kubernetes label selector after decoding. Reference: Kubernetes API, meta/v1 LabelSelector. */
export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly LabelRequirement[];
}

export interface LabelRequirement {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  readonly values?: readonly string[];
}

export type Labels = Readonly<Record<string, string>>;

/** Selects everything: `{}`, `{matchLabels: {}}`, `{matchExpressions: []}`. */
export function isUniversal(selector: LabelSelector): boolean {
  return requirementsOf(selector).length === 0;
}

/** All requirements must hold. `NotIn` and `DoesNotExist` hold too where the key is absent. */
export function compileSelector(selector: LabelSelector): (labels: Labels) => boolean {
  const requirements = requirementsOf(selector).map(compileRequirement);
  return (labels) => requirements.every((holds) => holds(labels));
}

function requirementsOf({ matchLabels = {}, matchExpressions = [] }: LabelSelector): readonly LabelRequirement[] {
  return [
    ...Object.entries(matchLabels).map(([key, value]): LabelRequirement => ({ key, operator: 'In', values: [value] })),
    ...matchExpressions,
  ];
}

function compileRequirement({ key, operator, values = [] }: LabelRequirement): (labels: Labels) => boolean {
  const wanted = new Set(values);
  switch (operator) {
    case 'In':
      return (labels) => has(labels, key) && wanted.has(labels[key] ?? '');
    case 'NotIn':
      return (labels) => !(has(labels, key) && wanted.has(labels[key] ?? ''));
    case 'Exists':
      return (labels) => has(labels, key);
    case 'DoesNotExist':
      return (labels) => !has(labels, key);
  }
}

/** Own keys only: a label may be called `constructor`. */
function has(labels: Labels, key: string): boolean {
  return Object.hasOwn(labels, key);
}

/** As kubectl writes selectors: `app=web,tier in (a,b),!beta,gpu`. */
export function describeSelector(selector: LabelSelector): string {
  return requirementsOf(selector)
    .map(({ key, operator, values = [] }) => {
      if (operator === 'Exists') return key;
      if (operator === 'DoesNotExist') return `!${key}`;
      if (operator === 'In' && values.length === 1) return `${key}=${values[0]}`;
      return `${key} ${operator === 'In' ? 'in' : 'notin'} (${values.join(',')})`;
    })
    .sort()
    .join(',');
}
