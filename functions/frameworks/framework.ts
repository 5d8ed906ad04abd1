/** One published standard in one version: its requirements, and the controls that speak to each. */
export interface Framework {
  /** `cis-kubernetes-2.0.1` */
  readonly id: string;
  readonly name: string;
  readonly version: string;
  /** Number of the requirement → ids of controls. A number that is not listed is not covered. */
  readonly requirements: Readonly<Record<string, readonly string[]>>;
}

/** One requirement of one standard, as people cite it. */
export interface Requirement {
  readonly framework: string;
  readonly version: string;
  readonly requirement: string;
}

/** The same standard in another version: requirements under new numbers. Numbers without an entry stay; an empty one drops out. */
export function renumbered(
  requirements: Framework['requirements'],
  numbers: Readonly<Record<string, string>>,
): Framework['requirements'] {
  return Object.fromEntries(
    Object.entries(requirements).flatMap(([number, controls]) => {
      const other = numbers[number] ?? number;
      return other === '' ? [] : [[other, controls]];
    }),
  );
}
