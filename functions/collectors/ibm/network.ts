import * as v from 'valibot';
import { type Collected, fieldOf, unavailable } from '#domain/collected.ts';
import type { IksCluster, IksEvidence } from '#domain/evidence/ibm.ts';
import { Refusal } from '../transport/refusal.ts';
import type { ListedCluster } from './clusters.ts';
import type { IbmReading } from './read.ts';
import { asRecord } from './shape.ts';
import { VpcReading } from './vpc.ts';
import { getVpcLoadBalancers } from './vpc-balancers.ts';
import { getSecurityGroups } from './vpc-groups.ts';
import { getSubnets } from './vpc-subnets.ts';

type Network = Pick<IksEvidence, 'subnets' | 'securityGroups' | 'vpcLoadBalancers' | 'vlanSpanning'>;
type Place = Pick<ListedCluster, 'id' | 'list' | 'region'>;

/** The networks of an account's clusters, on VPC and on classic infrastructure. What clusters share is read once. */
export class NetworkReading {
  readonly #reading: IbmReading;
  readonly #vpc: VpcReading;
  readonly #spanning = new Map<string, Promise<IksEvidence['vlanSpanning']>>();

  constructor(reading: IbmReading) {
    this.#reading = reading;
    this.#vpc = new VpcReading(reading);
  }

  async around(place: Place, cluster: Collected<IksCluster>, workers: IksEvidence['workers']): Promise<Network> {
    if (cluster.state === 'unavailable')
      return { subnets: cluster, securityGroups: cluster, vpcLoadBalancers: cluster, vlanSpanning: cluster };
    return place.list === 'vpc' ? this.#aroundVpc(place, workers) : this.#aroundClassic(place, workers);
  }

  async #aroundVpc({ id, region }: Place, workers: IksEvidence['workers']): Promise<Network> {
    const subnets = await getSubnets(workers, region, this.#vpc);
    const place = { id, region, workers, subnets };
    const [securityGroups, vpcLoadBalancers] = await Promise.all([
      getSecurityGroups(place, this.#vpc, this.#reading),
      getVpcLoadBalancers(place, this.#vpc),
    ]);
    const vlanSpanning = unavailable('not-found', 'a VPC has no VLANs', SPANNING);
    return { subnets, securityGroups, vpcLoadBalancers, vlanSpanning };
  }

  async #aroundClassic({ region }: Place, workers: IksEvidence['workers']): Promise<Network> {
    const none = (what: string, api: string) => unavailable('not-found', `classic workers have no VPC ${what}`, api);
    return {
      subnets: none('subnets', 'vpc:getSubnet'),
      securityGroups: none('security groups', 'vpc:listSecurityGroups'),
      vpcLoadBalancers: none('load balancers', 'vpc:listLoadBalancers'),
      vlanSpanning: await this.#spanningOf(region, workers),
    };
  }

  #spanningOf(region: string, workers: IksEvidence['workers']): Promise<IksEvidence['vlanSpanning']> {
    if (workers.state === 'unavailable') return Promise.resolve(workers);
    const places = new Set(workers.value.map(({ zone, privateVlan }) => JSON.stringify([zone, privateVlan])));
    if (places.size < 2)
      return Promise.resolve(unavailable('not-scanned', 'not asked where all workers stand in one VLAN', SPANNING));
    const known = this.#spanning.get(region);
    if (known !== undefined) return known;
    const part = this.#reading.part(SPANNING, async () => {
      const { endpoints } = this.#reading;
      const body = asRecord(
        await this.#reading.get(`${endpoints.containers}/v1/subnets/vlan-spanning`, { 'x-region': region }),
      );
      if (body === undefined) throw new Refusal('malformed-answer', 'expected the state of VLAN spanning');
      return { enabled: fieldOf(v.boolean(), body['enabled']) };
    });
    this.#spanning.set(region, part);
    return part;
  }
}

const SPANNING = 'containers:getVlanSpanning';
