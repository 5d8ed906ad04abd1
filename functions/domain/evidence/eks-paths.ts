import * as v from 'valibot';
import { collectedSchema, fieldSchema } from '../collected.ts';

const text = v.string();

/** What a path through a VPC meets, and what else stands in its subnets. */
export const EksInterface = v.strictObject({
  id: text,
  subnetId: text,
  /** `interface` for instances and balancers, `nat_gateway`, `gateway_load_balancer_endpoint`, ... */
  type: fieldSchema(text),
  description: text,
  /** The instance that it is attached to. */
  instanceId: fieldSchema(text),
  /** Off where the interface forwards what others send. */
  sourceDestCheck: fieldSchema(v.boolean()),
  publicAddress: v.boolean(),
});
export type EksInterface = v.InferOutput<typeof EksInterface>;

export const EksPrefixListOwner = v.strictObject({
  id: text,
  name: fieldSchema(text),
  /** An account, or the word `AWS`. */
  ownerId: fieldSchema(text),
});
export type EksPrefixListOwner = v.InferOutput<typeof EksPrefixListOwner>;

/** The names that clients resolve to reach a service, as its PrivateLink offer states them. */
export const EksPrivateNames = v.strictObject({ service: text, names: v.array(text) });

/** A private zone named like an AWS service, with the records that answer in it. Targets are alias names, canonical names or addresses. */
export const EksServiceZone = v.strictObject({
  name: text,
  records: collectedSchema(v.array(v.strictObject({ name: text, type: text, targets: v.array(text) }))),
});
export type EksServiceZone = v.InferOutput<typeof EksServiceZone>;

export const EksNatGateway = v.strictObject({
  id: text,
  /** `public` or `private`. */
  connectivity: text,
  state: text,
  subnetId: fieldSchema(text),
});
export type EksNatGateway = v.InferOutput<typeof EksNatGateway>;
