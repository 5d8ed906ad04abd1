import type { KubesprayHost, KubesprayVariable, VariableValue } from '#domain/evidence/kubespray.ts';
import { defaultOf, exists } from '#domain/kubespray/defaults.ts';
import type { KubesprayVersion } from '#domain/kubespray/version.ts';
import type { UnknownReason } from '#domain/reason.ts';

/** What a variable is on one host, and who says so. */
export type Setting =
  | { readonly state: 'set'; readonly value: unknown; readonly where: string; readonly isDeclared?: true }
  | { readonly state: 'left-out'; readonly where: string; readonly isDeclared?: true }
  | { readonly state: 'nonexistent'; readonly where: string }
  | {
      readonly state: 'undecided';
      readonly reason: UnknownReason;
      readonly message: string;
      /** Nothing that can be read sets it; only a file that is vaulted as a whole might. */
      readonly isSealed?: true;
      /** A mapping or list of which only some texts are templates that could not be resolved. */
      readonly partly?: object;
    };

/** Reads a variable as Kubespray of this release would see it: file, then role default. */
export function readVariable(
  host: KubesprayHost,
  variable: KubesprayVariable,
  version: KubesprayVersion | undefined,
): Setting {
  const entry = host.variables[variable];
  const release = version?.text ?? 'an unknown release';
  const builtin = defaultOf(variable, version);
  if (builtin.state === 'nonexistent') {
    return { state: 'nonexistent', where: `Kubespray ${release} has no ${variable} (it came with ${builtin.since})` };
  }
  if (exists(variable, version) === undefined) {
    return {
      state: 'undecided',
      reason: 'version-unknown',
      message: `whether this Kubespray has ${variable} depends on its release, which is not known`,
    };
  }
  if (entry.state === 'literal') {
    return { state: 'set', value: JSON.parse(entry.json), where: `${entry.file}:${entry.line}`, ...declaredIn(entry) };
  }
  if (entry.state === 'template') {
    return {
      state: 'undecided',
      reason: 'template-unresolved',
      message: `${variable} is the template ${entry.raw} (${entry.file}:${entry.line})`,
      ...partlyIn(entry.raw),
    };
  }
  if (entry.state === 'vaulted' || entry.state === 'sealed') {
    return {
      state: 'undecided',
      reason: 'vaulted',
      message:
        entry.state === 'sealed'
          ? `${entry.file} is vaulted as a whole and may set any variable: vaulted of the inventory declares which names it holds`
          : `${variable} is vaulted (${entry.file}:${entry.line})`,
      ...(entry.state === 'sealed' ? { isSealed: true as const } : {}),
    };
  }
  if (builtin.state === 'value') {
    return {
      state: 'set',
      value: builtin.value,
      where: `not set, role default of ${release}`,
      ...declaredIn(entry),
    };
  }
  if (builtin.state === 'left-out') {
    return { state: 'left-out', where: `not set, left out by ${release}`, ...declaredIn(entry) };
  }
  return {
    state: 'undecided',
    reason: 'version-unknown',
    message: `${variable} is not set, and its default in ${release} is not known`,
  };
}

function declaredIn(entry: VariableValue): { readonly isDeclared?: true } {
  return 'declared' in entry && entry.declared === true ? { isDeclared: true } : {};
}

function partlyIn(raw: string): { readonly partly?: object } {
  try {
    const value: unknown = JSON.parse(raw);
    return typeof value === 'object' && value !== null ? { partly: value } : {};
  } catch {
    // A text that is a template as a whole.
    return {};
  }
}

export function holdsTemplate(value: unknown): boolean {
  return JSON.stringify(value ?? null).includes('{{');
}
