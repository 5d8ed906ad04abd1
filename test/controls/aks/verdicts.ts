import { createAzureProvider } from '#collectors/azure/index.ts';
import { aksControls } from '#controls/aks/index.ts';
import { judge } from '#controls/judge.ts';
import type { Collection, Subject } from '#domain/collection.ts';
import type { Settings } from '#domain/settings.ts';
import type { Verdict } from '#domain/verdict.ts';
import { closedWorld, SPOKE, type World, worldClient } from '#test/collectors/azure/world.ts';

export interface Situation {
  readonly change?: (world: World) => void;
  readonly profile?: Settings['profile'];
  /** Of the control in question, or of the one that `of` names. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly of?: string;
  /** Subscriptions of the scan; both unless told otherwise. */
  readonly subscriptions?: readonly string[];
}

const NOW = new Date('2026-11-24T00:00:00Z');

export async function collectWorld(
  world: World,
  subscriptions: 'all' | readonly string[] = 'all',
): Promise<Collection> {
  const provider = createAzureProvider(
    {
      endpoint: 'https://management.azure.com',
      tenants: [{ id: 'tenant', subscriptions, credential: { type: 'access-token', token: 'token' } }],
    },
    { httpClient: worldClient(world), delay: () => Promise.resolve() },
  );
  const context = { signal: AbortSignal.timeout(20_000), now: () => NOW };
  const { targets } = await provider.plan(context);
  const target = targets.find(({ target: { account } }) => account === SPOKE);
  if (target === undefined) throw new Error('the spoke was not planned');
  return provider.collect(target.target, context);
}

/** The whole way from ARM's bodies to verdicts: the closed world with one change. */
export async function verdictsOf({
  change,
  profile = 'closed',
  parameters = {},
  of,
  subscriptions,
}: Situation): Promise<ReadonlyMap<string, Verdict>> {
  const world = closedWorld();
  change?.(world);
  const { subjects } = await collectWorld(world, subscriptions ?? 'all');
  const [subject] = subjects;
  if (subject === undefined) throw new Error('the cluster was not collected');
  return judgeSubject(subject, {
    profile,
    controls: Object.fromEntries(
      (of === undefined ? aksControls.map(({ id }) => id) : [of]).map((id) => [id, parameters]),
    ),
  });
}

export function judgeSubject(subject: Subject, settings: Settings): ReadonlyMap<string, Verdict> {
  const judged = judge(subject, aksControls, settings);
  // Of every test: a FAIL says how to repair what it names.
  const helpless = judged.filter(
    ({ verdict }) => verdict.status === 'FAIL' && !verdict.fix?.commands.some(namesSomething),
  );
  if (helpless.length > 0)
    throw new Error(
      `no repair for ${helpless.map(({ control, verdict: { reason } }) => `${control.id} ${reason}`).join(', ')}`,
    );
  return new Map(judged.map(({ control, verdict }) => [control.id, verdict]));
}

function namesSomething(command: string): boolean {
  return (
    /^(?:az|kubectl) /.test(command) &&
    /\/subscriptions\/|--(?:cluster-name|gateway-name|nic-name|name|resource-group) [\w']|--namespace [\w'<]/.test(
      command,
    )
  );
}

export async function verdict(control: string, situation: Situation = {}): Promise<Verdict> {
  const found = (await verdictsOf({ of: control, ...situation })).get(control);
  if (found === undefined) throw new Error(`no verdict of ${control}`);
  return found;
}
