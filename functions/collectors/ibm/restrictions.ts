import type { IksEvidence } from '#domain/evidence/ibm.ts';
import { Refusal } from '../transport/refusal.ts';
import type { IbmReading } from './read.ts';
import { asRecord, byId } from './shape.ts';
import { Zones } from './zones.ts';

type Rule = Extract<IksEvidence['restrictions'], { state: 'collected' }>['value'][number];
type Attribute = Rule['scopes'][number][number];

const CLUSTER_API = 'crn:v1:bluemix:public:containers-kubernetes::::api-type:cluster';

/** The account's context-based restrictions for the service. Which cluster a rule is for is the control's question. */
export function readRestrictions(account: string, reading: IbmReading): Promise<IksEvidence['restrictions']> {
  const read = async () => {
    const body = asRecord(
      await reading.get(
        `${reading.endpoints.cbr}/v1/rules?account_id=${encodeURIComponent(account)}&service_name=containers-kubernetes`,
      ),
    );
    const zones = new Zones(account, reading);
    return byId(await Promise.all(listOf(body?.['rules'], 'rules').map((rule) => toRule(rule, zones))));
  };
  // Restrictions are an addition to the endpoint flags: where their service is not there, only their own control is blind.
  return reading.part('cbr:listRules', read, {
    withoutGap: ({ reason }) => (reason === 'not-found' || reason === 'unreachable' ? 'not-scanned' : undefined),
  });
}

async function toRule(raw: unknown, zones: Zones): Promise<Rule> {
  const rule = asRecord(raw);
  if (rule === undefined) throw new Refusal('malformed-answer', 'a rule is not an object');
  const { id, enforcement_mode: mode, operations, contexts, resources } = rule;
  const types = optionalList(asRecord(operations)?.['api_types'], 'API types').map(
    (type) => asRecord(type)?.['api_type_id'],
  );
  if (mode !== undefined && mode !== null && typeof mode !== 'string')
    throw new Refusal('malformed-answer', 'the enforcement mode of a rule is not text');
  return {
    id: String(id ?? ''),
    // Absent counts as enabled: the service's default.
    enforcement: mode ?? 'enabled',
    coversClusterApi: types.length === 0 || types.includes(CLUSTER_API),
    endpointTypes: optionalList(contexts, 'contexts')
      .flatMap(attributesOf)
      .filter(({ name }) => name === 'endpointType')
      .map(({ value }) => value),
    admits: await zones.admittedBy(optionalList(contexts, 'contexts').map(attributesOf)),
    scopes: optionalList(resources, 'resources').map((resource) => [...attributesOf(resource), ...tagsOf(resource)]),
  };
}

function attributesOf(raw: unknown): Attribute[] {
  return optionalList(asRecord(raw)?.['attributes'], 'attributes').map((attribute) => {
    const { name, value, operator } = asRecord(attribute) ?? {};
    if (typeof name !== 'string' || typeof value !== 'string')
      throw new Refusal('malformed-answer', 'an attribute of a rule lacks name or value');
    return { name, value, operator: typeof operator === 'string' ? operator : 'stringEquals' };
  });
}

/** Tags narrow a scope too, and no cluster record tells them: by a name that nothing knows, they stay undecided. */
function tagsOf(raw: unknown): Attribute[] {
  return optionalList(asRecord(raw)?.['tags'], 'tags').map((tag) => {
    const { name, value } = asRecord(tag) ?? {};
    return { name: `tag ${String(name)}`, value: String(value), operator: 'stringEquals' };
  });
}

function optionalList(raw: unknown, what: string): readonly unknown[] {
  return raw === undefined || raw === null ? [] : listOf(raw, what);
}

function listOf(raw: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(raw)) throw new Refusal('malformed-answer', `expected a list of ${what}`);
  return raw;
}
