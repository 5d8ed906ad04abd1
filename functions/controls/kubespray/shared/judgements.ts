import type { KubesprayVariable } from '#domain/evidence/kubespray.ts';
import type { Severity } from '#domain/verdict.ts';
import { type Assessment, bad, good, type HostView, undecided } from './assessment.ts';
import type { Setting } from './read-variable.ts';

/** A verdict on a value that a file or a default gives. `where` says which. */
export type JudgeValue = (value: unknown, where: string) => Assessment;

/** What to say when the role leaves the setting out, so that the component's own default rules. */
export type WhenLeftOut = (where: string) => Assessment;

const leftOutIsUnknown: WhenLeftOut = (where) => undecided('absent-field', where);

/** Reads one variable and hands its value to `judge`; everything that is no value is settled here. */
export function byValue(variable: KubesprayVariable, judge: JudgeValue, leftOut: WhenLeftOut = leftOutIsUnknown) {
  return ({ read }: HostView): Assessment => settle(variable, read(variable), judge, leftOut);
}

export function settle(
  variable: KubesprayVariable,
  setting: Setting,
  judge: JudgeValue,
  leftOut: WhenLeftOut = leftOutIsUnknown,
): Assessment {
  if (setting.state === 'undecided') return undecided(setting.reason, setting.message);
  if (setting.state === 'nonexistent') return { state: 'void', note: setting.where };
  if (setting.state === 'left-out') return leftOut(`${variable}: ${setting.where}`);
  const assessment = judge(setting.value, `${variable}: ${show(setting.value)} (${setting.where})`);
  return { ...measuredAs(setting.value), where: setting.where, ...assessment };
}

/** One spelling for a value, wherever it was read: `120s` and `2m0s`, `True` and `true`, a list and its comma-joined text are the same. */
function measuredAs(value: unknown): { readonly measured?: string } {
  const list = Array.isArray(value) ? asList(value) : undefined;
  const text = list === undefined ? show(value) : list.join(',');
  if (text === '' || (typeof value === 'object' && list === undefined)) return {};
  if (/^(true|false)$/i.test(text)) return { measured: text.toLowerCase() };
  const seconds = /[hms]$/.test(text) ? asSeconds(text) : undefined;
  if (seconds !== undefined) return { measured: `${seconds}s` };
  return { measured: text.split(',').sort().join(',') };
}

export function show(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** YAML 1.1 booleans arrive as booleans; INI and `-e key=value` give text. What Ansible's bool filter does not know is none. */
export function asBoolean(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (value === 1 || value === 0) return value === 1;
  if (typeof value !== 'string') return undefined;
  if (/^(true|yes|on|1)$/i.test(value)) return true;
  return /^(false|no|off|0)$/i.test(value) ? false : undefined;
}

export function asNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^-?\d+$/.test(value.trim()) ? Number(value) : undefined;
}

/** A YAML list, or text that separates by commas or blanks; the old one-string-inside-a-list form is opened too. */
export function asList(value: unknown): readonly string[] | undefined {
  const parts = Array.isArray(value) ? value : typeof value === 'string' ? [value] : undefined;
  if (parts === undefined || parts.some((part) => typeof part !== 'string')) return undefined;
  return parts.flatMap((part: string) => part.split(/[\s,]+/)).filter((part) => part !== '');
}

/** Seconds of a Go duration such as `1m0s`, or of a bare number. */
export function asSeconds(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return undefined;
  if (/^\d+$/.test(value)) return Number(value);
  const match = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s)?$/.exec(value);
  if (match === null || match[0] === '') return undefined;
  return Number(match[1] ?? 0) * 3600 + Number(match[2] ?? 0) * 60 + Number(match[3] ?? 0);
}

export function mustBe(expected: boolean, reason: string, severity?: Severity): JudgeValue {
  return (value, where) => {
    const read = asBoolean(value);
    if (read === undefined) return undecided('unrecognised-value', `${where} is not a boolean`);
    return read === expected ? good(where) : bad(reason, where, severity);
  };
}

export function atLeast(minimum: number, reason: string): JudgeValue {
  return (value, where) => {
    const read = asNumber(value);
    if (read === undefined) return undecided('unrecognised-value', `${where} is not a number`);
    return read >= minimum ? good(where) : bad(reason, `${where}, below ${minimum}`);
  };
}

/** The same rule for a flag on a command line; `absent` says what a missing flag means. */
export function flagRule(judge: JudgeValue, flag: string, absent: (where: string) => Assessment) {
  return (value: string | undefined): Assessment =>
    value === undefined
      ? absent(`--${flag} is not on the command line`)
      : { ...measuredAs(value), ...judge(value, `--${flag}=${value}`) };
}
