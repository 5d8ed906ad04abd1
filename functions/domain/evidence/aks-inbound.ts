import * as v from 'valibot';
import { fieldSchema } from '../collected.ts';
import { Connection } from './azure-firewall.ts';

/** What stands in front of a cluster and may lead into it (source: ARM `loadBalancers`, `privateLinkServices`, `applicationGateways`). */

const text = fieldSchema(v.string());
const texts = fieldSchema(v.array(v.string()));

/** A frontend of a load balancer in the node resource group, or of another one that has machines of the cluster behind it. */
export const Frontend = v.strictObject({
  loadBalancerId: v.string(),
  name: v.string(),
  publicIpId: text,
  publicPrefixId: text,
  subnetId: text,
  /** Names of inbound rules (load balancing, NAT, NAT pools) on this frontend. */
  inbound: fieldSchema(v.array(v.string())),
  outbound: fieldSchema(v.array(v.string())),
  /** The public address itself and the Kubernetes Service it belongs to, where the public IP could be read. */
  address: text,
  service: text,
});

export const EndpointConnection = v.strictObject({ name: v.string(), status: text, privateEndpointId: text });

/** A Private Link service in the node resource group, or another one that fronts a load balancer of the cluster. */
export const PrivateLinkService = v.strictObject({
  id: v.string(),
  visibility: texts,
  autoApproval: texts,
  connections: fieldSchema(v.array(EndpointConnection)),
});

export const ApplicationGateway = v.strictObject({
  id: v.string(),
  frontends: v.array(
    v.strictObject({
      name: v.string(),
      isPublic: v.boolean(),
      /** Listeners on this frontend. `not-shown`: the answer shows no listener of the gateway at all, on any frontend. */
      listeners: v.variant('kind', [
        v.strictObject({ kind: v.literal('shown'), names: texts }),
        v.strictObject({ kind: v.literal('not-shown') }),
      ]),
    }),
  ),
  firewall: v.boolean(),
});

/** A gateway that the cluster does not name: judged by what stands behind it. */
export const GatewayInFront = v.strictObject({
  gateway: ApplicationGateway,
  connection: Connection,
  /** Addresses, names, and ids of network interfaces. */
  backends: texts,
});

export type AksFrontend = v.InferOutput<typeof Frontend>;
export type AksPrivateLinkService = v.InferOutput<typeof PrivateLinkService>;
export type AksConnection = v.InferOutput<typeof EndpointConnection>;
export type AksApplicationGateway = v.InferOutput<typeof ApplicationGateway>;
export type AksGatewayInFront = v.InferOutput<typeof GatewayInFront>;
