import * as v from 'valibot';
import { collectedSchema, fieldSchema } from '../collected.ts';
import { UnknownReasonSchema } from '../reason.ts';

const text = v.string();

/**
 * What the classic API answered to "is the account connected to the private endpoint service": `true` and `false` are its bare JSON bodies,
 * `not-ready` the error code SoftLayer_Exception_NotReady, and `not-ready-once` the first of them after VRF was on, which a conversion explains as
 * well. The answer says more than it names: see the controls.
 */
const ClassicAnswer = v.picklist(['true', 'false', 'not-ready', 'not-ready-once']);
export type ClassicAnswer = v.InferOutput<typeof ClassicAnswer>;

const Attestation = v.strictObject({
  vrf: fieldSchema(v.boolean()),
  serviceEndpoint: fieldSchema(v.boolean()),
  author: text,
  date: text,
  expires: text,
});

const AccountFacts = {
  accountId: text,
  /** Number of the linked classic account; `none` when the account was read and names none. */
  classicLink: collectedSchema(
    v.variant('link', [
      v.strictObject({ link: v.literal('none') }),
      v.strictObject({ link: v.literal('linked'), id: text }),
    ]),
  ),
  privateEndpointService: collectedSchema(ClassicAnswer),
  /** A person's word, with author and dates; unavailable `not-found` when there is none, `not-scanned` when it has expired. */
  attestation: collectedSchema(Attestation),
  /** Providers of all clusters that the lists named; unavailable when a list was not read to its end. */
  clusterProviders: collectedSchema(v.array(text)),
};

export const IbmAccountEvidence = v.strictObject(AccountFacts);
export type IbmAccountEvidence = v.InferOutput<typeof IbmAccountEvidence>;

/** The answer of getCluster, both spellings of the endpoint flags kept apart. */
export const IksCluster = v.strictObject({
  state: fieldSchema(text),
  masterState: fieldSchema(text),
  provider: fieldSchema(text),
  type: fieldSchema(text),
  region: fieldSchema(text),
  resourceGroup: fieldSchema(text),
  nestedPrivate: fieldSchema(v.boolean()),
  flatPrivate: fieldSchema(v.boolean()),
  nestedPrivateUrl: fieldSchema(text),
  flatPrivateUrl: fieldSchema(text),
  nestedPublic: fieldSchema(v.boolean()),
  flatPublic: fieldSchema(v.boolean()),
  nestedPublicUrl: fieldSchema(text),
  flatPublicUrl: fieldSchema(text),
  masterUrl: fieldSchema(text),
  serverUrl: fieldSchema(text),
  networkPlugin: fieldSchema(text),
});
export type IksCluster = v.InferOutput<typeof IksCluster>;

export const IksEvidence = v.strictObject({
  id: text,
  name: text,
  /** classic, vpc or satellite: the list that named the cluster. */
  list: v.picklist(['classic', 'vpc', 'satellite']),
  cluster: collectedSchema(IksCluster),
  account: v.strictObject(AccountFacts),
  workers: collectedSchema(
    v.array(
      v.strictObject({
        id: text,
        publicAddress: fieldSchema(text),
        publicVlan: fieldSchema(text),
        subnetIds: v.array(text),
      }),
    ),
  ),
  /** Worker subnets (VPC) with their public gateway, where one is attached. */
  subnets: collectedSchema(
    v.array(
      v.strictObject({
        id: text,
        gateway: v.variant('attached', [
          v.strictObject({ attached: v.literal('no') }),
          v.strictObject({ attached: v.literal('yes'), id: text }),
          v.strictObject({ attached: v.literal('unread'), reason: UnknownReasonSchema, message: text }),
        ]),
      }),
    ),
  ),
  loadBalancers: collectedSchema(
    v.array(v.strictObject({ id: text, type: fieldSchema(text), enabled: fieldSchema(v.boolean()) })),
  ),
  /** Server of the API audit webhook, nothing else of that answer. `none`: read, and not set. */
  auditWebhook: collectedSchema(
    v.variant('webhook', [
      v.strictObject({ webhook: v.literal('none') }),
      v.strictObject({ webhook: v.literal('set'), server: text }),
    ]),
  ),
  /** Rules of the account for the service. `scope` holds the attributes that a resource must have; no scope at all means every cluster. */
  restrictions: collectedSchema(
    v.array(
      v.strictObject({
        id: text,
        enforcement: text,
        coversClusterApi: v.boolean(),
        endpointTypes: v.array(text),
        scopes: v.array(v.array(v.strictObject({ name: text, value: text, operator: text }))),
      }),
    ),
  ),
  reachability: v.variant('state', [
    v.strictObject({ state: v.literal('not-configured') }),
    v.strictObject({
      state: v.literal('configured'),
      /** What the probe inside the private network reported. */
      inside: collectedSchema(
        v.strictObject({
          connected: v.boolean(),
          at: text,
          fresh: v.boolean(),
          /** What the probe tried, where its result tells. */
          address: v.variant('told', [
            v.strictObject({ told: v.literal('no') }),
            v.strictObject({ told: v.literal('yes'), url: text }),
          ]),
        }),
      ),
      /** What connecting from here came to. */
      outside: collectedSchema(v.picklist(['connected', 'refused', 'silent'])),
    }),
  ]),
});
export type IksEvidence = v.InferOutput<typeof IksEvidence>;
