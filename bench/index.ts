import { memoryBench, paceBench, throttledRegionBench } from './aws-scale.ts';
import { countAzureRequests } from './azure-requests.ts';
import { bundleBench } from './bundles.ts';
import { callsBench, latencyBench } from './calls.ts';
import { manifestsBench } from './manifests.ts';
import { reachabilityBench } from './reachability.ts';
import { suiteBench } from './suite.ts';

/** `npm run bench`: prints what scans cost. Numbers to look at, never timed tests. */
console.log('Bundles');
console.table(bundleBench());

console.log('Requests of a scan');
console.table(await callsBench());

console.log(
  'EKS answers about one cluster, list, node group or add-on per call: to describe a cluster, to list its node groups, Fargate profiles, add-ons\n' +
    'and Pod Identity associations, to describe one group and the CNI are 7. A further node group or Fargate profile is one more. 4 per cluster\n' +
    'would leave node subnets or the CNI unread, and what is not read does not pass.',
);

console.log('One region and its neighbours');
console.table([await throttledRegionBench()]);
console.table([await paceBench()]);
console.table(await memoryBench());

console.log('Latency');
console.table([await latencyBench()]);

console.log('Requests of one Azure scan');
const azure = [await countAzureRequests(1, 10, 100), await countAzureRequests(10, 10, 2500)];
console.table(azure.map(({ byKind, ...counts }) => ({ ...counts, ...byKind })));
console.log(
  'Azure budget: 1 listing + s cluster lists + 1 Resource Graph query for every 1,000 rows of networks and of groups + 2 per private cluster',
);

console.log('NetworkPolicies judged pod by pod (budget for 10,000 pods: 5 s, 500 MB)');
console.table(await reachabilityBench());

console.log('Folders of manifests (a file of 1,000 should cost about what one of 250 does)');
console.table(await manifestsBench());

console.log('The last npm test, most expensive files first (budget: 150 CPU seconds, start of the workers included)');
console.table(suiteBench());
