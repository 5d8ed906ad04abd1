import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import { hubTemplate } from './synthesise.ts';

interface Validation {
  readonly isValid: boolean;
  readonly errorsText: (separator?: string) => string;
}

// The package has no types and is CommonJS.
const validate: (definition: unknown) => Validation = createRequire(import.meta.url)('asl-validator');

interface State {
  readonly Type: string;
  readonly Branches?: readonly { readonly States: Readonly<Record<string, State>> }[];
  readonly QueryLanguage?: string;
}

function stateMachine(): { readonly QueryLanguage?: string; readonly States: Readonly<Record<string, State>> } {
  const [machine] = Object.values(hubTemplate('aws: {}').findResources('AWS::StepFunctions::StateMachine'));
  const parts: readonly unknown[] = machine?.['Properties'].DefinitionString['Fn::Join'][1];
  // ARNs and names are known at deployment only.
  return JSON.parse(
    parts
      .map((part) => (typeof part === 'string' ? part : 'arn:aws:lambda:eu-central-1:111111111111:function:x'))
      .join(''),
  );
}

describe('the state machine', () => {
  const definition = stateMachine();

  test('is valid Amazon States Language', () => {
    const { isValid, errorsText } = validate(definition);
    expect(isValid, errorsText('\n')).toBe(true);
  });

  test('the validator does refuse', () => {
    const { Finish: _finish, ...States } = definition.States;
    expect(validate({ ...definition, States }).isValid).toBe(false);
  });

  test('plans, scans every provider side by side, and finishes', () => {
    expect(Object.keys(definition.States)).toEqual(['Plan', 'Scan', 'Finish']);
    const maps = definition.States['Scan']?.Branches?.flatMap(({ States }) => Object.keys(States));
    expect(maps).toEqual(['AwsTargets', 'AzureTargets', 'IbmTargets', 'KubernetesTargets']);
  });

  test('speaks JSONPath, which every interpreter of the language understands', () => {
    expect(JSON.stringify(definition)).not.toContain('JSONata');
  });
});
