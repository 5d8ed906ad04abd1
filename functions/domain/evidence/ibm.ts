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

const Unread = { reason: UnknownReasonSchema, message: text };

/** A name or an address that the service may leave out. Left out, it never narrows what a route or a group is for. */
const Told = v.variant('told', [
  v.strictObject({ told: v.literal('no') }),
  v.strictObject({ told: v.literal('yes'), value: text }),
]);
export type Told = v.InferOutput<typeof Told>;

/** A route of a VPC routing table. */
const IksRoute = v.strictObject({
  name: text,
  destination: fieldSchema(text),
  /** deliver, drop, delegate (to the system's routes) or delegate_vpc (to those without the internet). */
  action: fieldSchema(text),
  /** Routes hold for one zone of the region. */
  zone: Told,
  /** Lower numbers win among routes of one destination. */
  priority: fieldSchema(v.number()),
  hop: v.variant('kind', [
    v.strictObject({
      kind: v.literal('address'),
      address: text,
      /** Whether the interface behind the address has a floating (public) address. */
      floating: v.variant('held', [
        v.strictObject({ held: v.literal('no') }),
        v.strictObject({ held: v.literal('yes'), address: text }),
        v.strictObject({ held: v.literal('unread'), ...Unread }),
      ]),
    }),
    v.strictObject({ kind: v.literal('connection'), id: text }),
    v.strictObject({ kind: v.literal('none') }),
  ]),
});
export type IksRoute = v.InferOutput<typeof IksRoute>;

const IksSubnet = v.strictObject({
  id: text,
  vpc: Told,
  zone: Told,
  gateway: v.variant('attached', [
    v.strictObject({ attached: v.literal('no') }),
    v.strictObject({ attached: v.literal('yes'), id: text }),
    v.strictObject({ attached: v.literal('unread'), ...Unread }),
  ]),
  routes: collectedSchema(v.array(IksRoute)),
});
export type IksSubnet = v.InferOutput<typeof IksSubnet>;

const IksSecurityGroup = v.strictObject({
  id: text,
  name: text,
  /** Whether the workers are in it; `perhaps`: nothing that was read says that they are not. */
  workers: v.picklist(['yes', 'perhaps']),
  /** Outbound rules. A group admits what one of its rules admits. */
  outbound: collectedSchema(
    v.array(
      v.strictObject({
        protocol: text,
        /** Where to: a range, an address, another group, or something that no description names. */
        remote: v.variant('kind', [
          v.strictObject({ kind: v.literal('range'), range: text }),
          v.strictObject({ kind: v.literal('group'), id: text }),
          v.strictObject({ kind: v.literal('unknown'), raw: text }),
        ]),
      }),
    ),
  ),
});
export type IksSecurityGroup = v.InferOutput<typeof IksSecurityGroup>;

const IksVpcLoadBalancer = v.strictObject({
  id: text,
  name: text,
  isPublic: fieldSchema(v.boolean()),
  hostname: Told,
  addresses: v.array(text),
  /** What makes it the cluster's: its default name, its security group, or a worker behind it. */
  belongs: v.variant('by', [
    v.strictObject({ by: v.literal('name') }),
    v.strictObject({ by: v.literal('security-group'), group: text }),
    v.strictObject({ by: v.literal('member'), member: text }),
    v.strictObject({ by: v.literal('unread'), ...Unread }),
  ]),
});
export type IksVpcLoadBalancer = v.InferOutput<typeof IksVpcLoadBalancer>;

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
        privateVlan: fieldSchema(text),
        /** The zone (datacenter) that it stands in. */
        zone: fieldSchema(text),
        subnetIds: v.array(text),
        /** Addresses of its interfaces; `addressesTold` where each interface names its own. */
        addresses: v.array(text),
        addressesTold: v.boolean(),
      }),
    ),
  ),
  /** Worker subnets (VPC) with their public gateway, where one is attached, and the routes of their table. */
  subnets: collectedSchema(v.array(IksSubnet)),
  /** Security groups that may be the workers' (VPC); unavailable `not-scanned` where no subnet has a way out that they could close. */
  securityGroups: collectedSchema(v.array(IksSecurityGroup)),
  loadBalancers: collectedSchema(
    v.array(v.strictObject({ id: text, type: fieldSchema(text), enabled: fieldSchema(v.boolean()) })),
  ),
  /** Load balancers of the VPC region that are the cluster's, or may be; unavailable `not-found` on classic infrastructure. */
  vpcLoadBalancers: collectedSchema(v.array(IksVpcLoadBalancer)),
  /** Whether VLAN spanning is on; unavailable `not-scanned` where one VLAN in one zone holds all workers, `not-found` on VPC. */
  vlanSpanning: collectedSchema(v.strictObject({ enabled: fieldSchema(v.boolean()) })),
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
        /** Whom its contexts admit to the private or the public endpoint. */
        admits: v.variant('who', [
          v.strictObject({ who: v.literal('some') }),
          v.strictObject({ who: v.literal('everybody') }),
          v.strictObject({ who: v.literal('unread'), ...Unread }),
        ]),
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
