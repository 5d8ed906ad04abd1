import { ListAccessEntriesCommand, ListAssociatedAccessPoliciesCommand } from '@aws-sdk/client-eks';
import * as v from 'valibot';
import { type Collected, collected, fieldOf, unavailable } from '#domain/collected.ts';
import type { EksCluster, EksEvidence } from '#domain/evidence/eks.ts';
import type { EksAccessEntry } from '#domain/evidence/eks-access.ts';
import { mapConcurrently } from '#domain/map-concurrently.ts';
import { isNotFound } from './errors.ts';
import { required } from './network-answers.ts';
import { everyPage, type Reading } from './read.ts';
import type { RegionClients } from './session.ts';

const LIST = 'eks:ListAccessEntries';
const AT_ONCE = 5;
/** Roles that AWS services made for themselves: nobody can take them. Source: IAM user guide, service-linked roles. */
const SERVICE_LINKED = ':role/aws-service-role/';

/** One call for the entries of a cluster and one for the policies of each. A cluster without the API for entries refuses the call, so it is not asked. */
export async function readAccessEntries(
  clusterName: string,
  resource: string,
  { authenticationMode: mode }: Pick<EksCluster, 'authenticationMode'>,
  clients: RegionClients,
  reading: Reading,
): Promise<EksEvidence['accessEntries']> {
  if (mode.state === 'given' && mode.value === 'CONFIG_MAP')
    return unavailable('undecidable', 'the cluster keeps its access in the aws-auth ConfigMap', LIST);
  const listed = await reading.part(
    LIST,
    (abortSignal) =>
      everyPage(async (nextToken) => {
        const answer = await clients.eks.send(
          new ListAccessEntriesCommand({ clusterName, ...(nextToken === undefined ? {} : { nextToken }) }),
          { abortSignal },
        );
        return { items: answer.accessEntries, token: answer.nextToken };
      }),
    { resource },
  );
  if (listed.state === 'unavailable') return listed;
  const principals = listed.value.filter((principal) => !principal.includes(SERVICE_LINKED));
  const entries = await mapConcurrently(principals, AT_ONCE, (principal) =>
    readPolicies(clusterName, principal, resource, clients, reading),
  );
  return collected(
    entries.filter((entry) => entry !== undefined),
    listed.source,
  );
}

/** Undefined: the entry vanished between the list and this call. */
async function readPolicies(
  clusterName: string,
  principalArn: string,
  resource: string,
  { eks }: RegionClients,
  reading: Reading,
): Promise<EksAccessEntry | undefined> {
  const policies: Collected<EksPolicies | 'gone'> = await reading.part<EksPolicies | 'gone'>(
    'eks:ListAssociatedAccessPolicies',
    async (abortSignal) => {
      const all = await everyPage(async (nextToken) => {
        const answer = await eks.send(
          new ListAssociatedAccessPoliciesCommand({
            clusterName,
            principalArn,
            ...(nextToken === undefined ? {} : { nextToken }),
          }),
          { abortSignal },
        );
        return { items: answer.associatedAccessPolicies, token: answer.nextToken };
      });
      return all.map(({ policyArn, accessScope }) => ({
        name: required(policyArn, 'policyArn').split('/').at(-1) ?? '',
        scope: fieldOf(v.string(), accessScope?.type),
      }));
    },
    { resource, expected: (refusal) => (isNotFound(refusal) ? 'gone' : undefined) },
  );
  if (policies.state === 'unavailable') return { principal: principalArn, policies };
  return policies.value === 'gone'
    ? undefined
    : { principal: principalArn, policies: collected(policies.value, policies.source) };
}

type EksPolicies = Extract<EksAccessEntry['policies'], { state: 'collected' }>['value'];
