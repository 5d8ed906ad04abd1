import * as v from 'valibot';
import { fieldSchema } from '../collected.ts';

const text = v.string();

/** One rule of a network ACL. The default, which every list ends with, comes as a rule of its own and of the highest number. */
export const EksAclRule = v.strictObject({
  number: v.number(),
  egress: v.boolean(),
  action: text,
  protocol: text,
  block: text,
  fromPort: fieldSchema(v.number()),
  toPort: fieldSchema(v.number()),
});
export type EksAclRule = v.InferOutput<typeof EksAclRule>;

export const EksAcl = v.strictObject({
  id: text,
  vpcId: text,
  /** Subnets that it is associated with. Each has one, the VPC's default where no other was chosen. */
  subnetIds: v.array(text),
  rules: v.array(EksAclRule),
});
export type EksAcl = v.InferOutput<typeof EksAcl>;
