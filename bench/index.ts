import { countAzureRequests } from './azure-requests.ts';
import { reachabilityBench } from './reachability.ts';

/** `npm run bench`: prints what scans cost. Numbers to look at, never timed tests. */
const { name, rows } = await reachabilityBench();
console.log(name);
console.table(rows);

console.log('Requests of one Azure scan');
const azure = [await countAzureRequests(1, 10), await countAzureRequests(10, 10)];
console.table(azure.map(({ byKind, ...counts }) => ({ ...counts, ...byKind })));
