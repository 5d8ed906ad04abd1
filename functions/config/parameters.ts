import { CLOSED_NETWORK } from '#controls/closed-network.ts';
import { COVERAGE } from '#controls/coverage.ts';
import { CONTROLS } from '#controls/index.ts';
import type { Parameter } from '#domain/control.ts';
import { parseRange } from '#domain/net/cidr.ts';
import { suggestion } from './nearest.ts';
import type { Problem } from './problem.ts';
import type { Config } from './schema.ts';

/** Every control that the configuration can name, with its own parameters. */
export const PARAMETERS: ReadonlyMap<string, Readonly<Record<string, Parameter>>> = new Map([
  ...CONTROLS.map(({ id, parameters }) => [id, parameters ?? {}] as const),
  [COVERAGE.id, {}],
  [CLOSED_NETWORK.id, {}],
]);

const COMMON = ['enabled', 'severity'];

/** Control ids and parameters are the catalogue's: a misspelled one would switch nothing off and nobody would notice. */
export function controlProblems({ controls, exceptions }: Config): readonly Problem[] {
  const settings = Object.entries(controls).flatMap(([id, entry]): readonly Problem[] => {
    const parameters = PARAMETERS.get(id);
    if (parameters === undefined) return [{ path: ['controls', id], message: noSuchControl(id) }];
    return Object.entries(entry).flatMap(([name, value]): readonly Problem[] => {
      if (COMMON.includes(name)) return [];
      const message = parameterProblem(id, parameters, name, value);
      return message === undefined ? [] : [{ path: ['controls', id, name], message }];
    });
  });
  const excepted = exceptions.flatMap(({ control }, index): readonly Problem[] =>
    PARAMETERS.has(control)
      ? []
      : [{ path: ['exceptions', index, 'control'], message: `${control}: ${noSuchControl(control)}` }],
  );
  return [...settings, ...excepted];
}

function noSuchControl(id: string): string {
  return `no such control${suggestion(id, [...PARAMETERS.keys()]) || ' (ringfence controls lists them)'}`;
}

function parameterProblem(
  control: string,
  parameters: Readonly<Record<string, Parameter>>,
  name: string,
  value: unknown,
): string | undefined {
  const parameter = parameters[name];
  if (parameter === undefined)
    return `unknown parameter of ${control}${suggestion(name, [...Object.keys(parameters), ...COMMON])}`;
  const expected = kindOf(parameter.default);
  if (kindOf(value) !== expected) return `expected ${expected}, found ${kindOf(value)}`;
  if (typeof value === 'string') return textProblem(value, parameter);
  if (typeof value === 'number') return numberProblem(value, parameter);
  return Array.isArray(value) ? listProblem(value, parameter) : undefined;
}

function textProblem(value: string, { oneOf }: Parameter): string | undefined {
  if (oneOf === undefined || oneOf.includes(value)) return undefined;
  return `expected one of ${oneOf.join(', ')}, found ${JSON.stringify(value)}`;
}

function numberProblem(value: number, { from = 0, to }: Parameter): string | undefined {
  if (Number.isSafeInteger(value) && value >= from && value <= (to ?? value)) return undefined;
  return `expected a whole number ${to === undefined ? `of at least ${from}` : `from ${from} to ${to}`}, found ${value}`;
}

function listProblem(value: readonly unknown[], { each }: Parameter): string | undefined {
  const odd = value.find((item) => typeof item !== 'string');
  if (odd !== undefined) return `expected a list of texts, found ${kindOf(odd)} in it`;
  if (each === undefined) return undefined;
  const wrong = value.find(
    (item) =>
      typeof item === 'string' && (parseRange(item) === undefined || (each === 'address' && item.includes('/'))),
  );
  if (wrong === undefined) return undefined;
  return `expected ${each === 'address' ? 'addresses such as 10.0.0.2' : 'ranges such as 10.0.0.0/8'}, found ${JSON.stringify(wrong)}`;
}

function kindOf(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'boolean'
    ? 'true or false'
    : typeof value === 'number'
      ? 'a number'
      : typeof value === 'string'
        ? 'text'
        : 'a mapping';
}
