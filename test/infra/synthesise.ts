import { readFileSync } from 'node:fs';
import { App, Duration } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { parseConfig } from '#config/load.ts';
import { deploymentFacts } from '#infra/deployment-facts.ts';
import { HubStack, type HubStackProps } from '#infra/stacks/hub-stack.ts';

const { context } = JSON.parse(readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8')) as {
  readonly context: Record<string, unknown>;
};

const synthesised = new Map<string, Template>();

/**
 * The hub's template for a configuration, with the feature flags of cdk.json, made once for all who ask for the same. Its functions are not bundled:
 * no template depends on it.
 */
export function hubTemplate(yaml: string, differs: Partial<HubStackProps> = {}): Template {
  const key = JSON.stringify([yaml, differs]);
  const template = synthesised.get(key) ?? synthesise(yaml, differs);
  synthesised.set(key, template);
  return template;
}

function synthesise(yaml: string, differs: Partial<HubStackProps>): Template {
  const config = parseConfig(yaml, 'ringfence.yaml');
  return Template.fromStack(
    new HubStack(new App({ context: { ...context, 'aws:cdk:bundling-stacks': [] } }), 'Hub', {
      shipped: { config, catalogue: [] },
      facts: deploymentFacts(config),
      schedule: 'rate(6 hours)',
      expectedEvery: Duration.hours(13),
      ...differs,
    }),
  );
}

export interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Principal?: unknown;
  readonly Condition?: unknown;
}

export function actionsOf({ Action }: Statement): readonly string[] {
  return typeof Action === 'string' ? [Action] : Action;
}

/** Every statement of the policies whose logical id begins so. */
export function statementsOf(template: Template, idPrefix: string): readonly Statement[] {
  return Object.entries(template.findResources('AWS::IAM::Policy'))
    .filter(([id]) => id.startsWith(idPrefix))
    .flatMap(([, policy]) => policy['Properties'].PolicyDocument.Statement as Statement[]);
}

/** The state machine's definition. ARNs and names are known at deployment only: `nameOf` gives a reference's attribute-less value. */
export function definitionOf(template: Template, nameOf: (logicalId: string) => string = () => 'aws'): object {
  const [machine] = Object.values(template.findResources('AWS::StepFunctions::StateMachine'));
  const parts: readonly unknown[] = machine?.['Properties'].DefinitionString['Fn::Join'][1];
  return JSON.parse(
    parts
      .map((part) => {
        if (typeof part === 'string') return part;
        const { Ref, 'Fn::GetAtt': [id] = [] } = part as { readonly Ref?: string; readonly 'Fn::GetAtt'?: [string?] };
        return id === undefined ? nameOf(Ref ?? '') : `arn:aws:lambda:us-east-1:123456789012:function:${id}`;
      })
      .join(''),
  );
}
