import { given } from '#domain/collected.ts';
import { evidence, network, read, route, subnet, table, vpc, withCluster } from './builders.ts';

/** Complete EKS evidence, for tests that hold for every control. */
export const eksSamples = [
  { kind: 'eks', name: 'a closed cluster', evidence: evidence() },
  {
    kind: 'eks',
    name: 'an open cluster',
    evidence: {
      ...withCluster({ endpointPublicAccess: given(true), enabledLogs: given([]) }),
      network: network({
        subnets: read([subnet(1, { mapsPublicAddress: given(true) }), subnet(2)]),
        vpcs: read([
          vpc({
            routeTables: read([table({ routes: [route('0.0.0.0/0', 'internet-gateway', 'igw-1')] })]),
            endpoints: read<never[]>([]),
          }),
        ]),
      }),
    },
  },
] as const;
