import * as v from 'valibot';
import { collectedSchema, fieldSchema } from '../collected.ts';

const text = v.string();

/** What a load balancer sends its traffic to, as far as it is a machine or an address. */
const Targets = v.strictObject({ instanceIds: v.array(text), addresses: v.array(text) });

/** A load balancer that is not internal. */
export const EksLoadBalancer = v.strictObject({
  name: text,
  /** `application`, `network`, or `classic`. */
  type: text,
  scheme: fieldSchema(text),
  vpcId: fieldSchema(text),
  subnetIds: v.array(text),
  /** Its own, and those of an internal balancer that is its target. */
  tags: collectedSchema(v.array(v.strictObject({ key: text, value: text }))),
  targets: collectedSchema(Targets),
});
export type EksLoadBalancer = v.InferOutput<typeof EksLoadBalancer>;

export const EksLoadBalancers = v.strictObject({
  /** All of the region, internal ones too. */
  read: v.number(),
  facing: v.array(EksLoadBalancer),
});
export type EksLoadBalancers = v.InferOutput<typeof EksLoadBalancers>;
