import aslValidator from 'asl-validator';
import { describe, expect, test } from 'vitest';
import { definitionOf, hubTemplate } from './synthesise.ts';

interface State {
  readonly Type: string;
  readonly Resource?: string;
  readonly TimeoutSeconds?: number;
  readonly Next?: string;
  readonly Default?: string;
  readonly Retry?: readonly { readonly ErrorEquals: readonly string[]; readonly JitterStrategy: string }[];
  readonly Catch?: readonly { readonly ErrorEquals: readonly string[]; readonly Next: string }[];
  readonly Choices?: readonly {
    readonly Variable: string;
    readonly NumericGreaterThan: number;
    readonly Next: string;
  }[];
  readonly Branches?: readonly Machine[];
  readonly ItemProcessor?: Machine & { readonly ProcessorConfig: Readonly<Record<string, string>> };
}

interface Machine {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

const template = hubTemplate('aws: {}');

/** Seconds that the function behind a task may run. */
function allowed({ Resource = '' }: State): number {
  const id = Resource.split(':').at(-1) ?? '';
  return template.findResources('AWS::Lambda::Function')[id]?.['Properties'].Timeout;
}

/** Every state with its name, those inside branches and maps too. */
function statesOf({ States }: Machine): readonly (readonly [string, State])[] {
  return Object.entries(States).flatMap(([name, state]) => [
    [name, state] as const,
    ...(state.Branches ?? []).flatMap(statesOf),
    ...(state.ItemProcessor === undefined ? [] : statesOf(state.ItemProcessor)),
  ]);
}

describe('the state machine', () => {
  const definition = definitionOf(template) as Machine;
  const states = new Map(statesOf(definition));

  test('is valid Amazon States Language', () => {
    const { isValid, errorsText } = aslValidator(definition);
    expect(isValid, errorsText('\n')).toBe(true);
  });

  test('the validator does refuse', () => {
    const { Finish: _finish, ...States } = definition.States;
    expect(aslValidator({ ...definition, States }).isValid).toBe(false);
  });

  test('plans, scans every provider side by side, and finishes', () => {
    expect(definition.States['Plan']?.Next).toBe('Scan');
    expect(definition.States['Scan']?.Next).toBe('Finish');
    const maps = [...states].filter(([, { Type }]) => Type === 'Map').map(([name]) => name);
    expect(maps).toEqual(['AwsTargets', 'AzureTargets', 'IbmTargets', 'KubernetesTargets']);
  });

  test('speaks JSONPath, which every interpreter of the language understands', () => {
    expect(JSON.stringify(definition)).not.toContain('JSONata');
  });

  test('no path travels as text: what begins with $ stands under a key that says so', () => {
    const paths = ['ResultPath', 'InputPath', 'OutputPath', 'ItemsPath', 'Variable'];
    const stray: string[] = [];
    const walk = (value: unknown, at: string): void => {
      if (typeof value !== 'object' || value === null) return;
      for (const [key, entry] of Object.entries(value)) {
        const isPath = typeof entry === 'string' && entry.startsWith('$');
        if (isPath && !key.endsWith('.$') && !paths.includes(key)) stray.push(`${at}.${key}: ${entry}`);
        walk(entry, `${at}.${key}`);
      }
    };
    walk(definition, '');
    expect(stray).toEqual([]);
  });

  test('a batch carries its run, and its targets are read from where the plan was kept', () => {
    expect(states.get('AwsTargets')).toMatchObject({
      ItemBatcher: { MaxItemsPerBatch: 10, BatchInput: { 'runId.$': '$.runId', 'startedAt.$': '$.startedAt' } },
      ItemReader: { Parameters: { 'Key.$': '$.providers.aws.key' } },
      ToleratedFailurePercentage: 100,
    });
  });

  test.each(['Aws', 'Azure', 'Ibm', 'Kubernetes'])(
    '%s: an empty plan starts no map, and a map that fails stops nobody',
    (name) => {
      const map = states.get(`${name}Targets`);
      expect(states.get(`${name}Planned`)).toMatchObject({
        Choices: [{ NumericGreaterThan: 0, Next: `${name}Targets` }],
        Default: `${name}HasNone`,
      });
      expect(map?.Catch).toMatchObject([
        { ErrorEquals: ['States.ALL'], ResultPath: '$.broken', Next: `${name}NotScanned` },
      ]);
      expect(states.get(`${name}NotScanned`)).toMatchObject({ Type: 'Pass', End: true });
    },
  );

  test('a broken map ends the execution as failed, after Finish closed the run', () => {
    expect(definition.States['Finish']?.Next).toBe('EveryProviderScanned');
    expect(states.get('EveryProviderScanned')?.Choices).toEqual([
      { Variable: '$.brokenBranches', NumericGreaterThan: 0, Next: 'ProviderNotScanned' },
    ]);
    expect(states.get('ProviderNotScanned')?.Type).toBe('Fail');
  });

  test('every function is repeated, with jitter, when it crashed or timed out, and waited for longer than it may run', () => {
    const tasks = [...states].filter(([, { Type }]) => Type === 'Task');
    expect(tasks.map(([name]) => name).sort()).toEqual(
      ['Finish', 'Plan', 'ScanAws', 'ScanAzure', 'ScanIbm', 'ScanKubernetes'].sort(),
    );
    for (const [name, task] of tasks) {
      const { Retry, TimeoutSeconds } = task;
      expect(Retry?.[0]?.ErrorEquals, name).toEqual(expect.arrayContaining(['States.TaskFailed', 'States.Timeout']));
      expect(Retry?.[0]?.JitterStrategy, name).toBe('FULL');
      expect(TimeoutSeconds, name).toBeGreaterThan(allowed(task));
    }
  });

  test('a child may last as long as its function: an Express one would end after five minutes', () => {
    for (const [name, { ItemProcessor }] of states) {
      if (ItemProcessor === undefined) continue;
      const [task] = Object.values(ItemProcessor.States);
      if (task === undefined) throw new Error(`${name} does nothing`);
      const kind = ItemProcessor.ProcessorConfig['ExecutionType'];
      expect(allowed(task), name).toBeLessThan(kind === 'EXPRESS' ? 300 : Number.POSITIVE_INFINITY);
    }
  });

  test('is trusted to Step Functions on behalf of this account only', () => {
    const roles = Object.values(template.findResources('AWS::IAM::Role')).map(
      ({ Properties }) => Properties.AssumeRolePolicyDocument.Statement[0],
    );
    expect(roles.filter(({ Principal }) => Principal.Service === 'states.amazonaws.com')).toMatchObject([
      { Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } } },
    ]);
  });
});
