/**
 * The single table as data: the CDK stack, the local runtime and the tests create it from here. No SDK is imported, so that a template can read
 * it without pulling runtime code.
 */
export const TABLE = {
  partitionKey: 'pk',
  sortKey: 'sk',
  /** Epoch seconds; reads filter on it too, because DynamoDB removes expired items only within days. */
  timeToLive: 'ttl',
  indexes: [
    { name: 'by-account', partitionKey: 'accountKey', sortKey: 'accountSort' },
    { name: 'by-resource', partitionKey: 'resourceKey', sortKey: 'resourceSort' },
    { name: 'by-control', partitionKey: 'controlKey', sortKey: 'controlSort' },
    /** Sparse: open FAILs only, newest last. */
    { name: 'open', partitionKey: 'openKey', sortKey: 'openSort' },
    /** Sparse: one heartbeat per target. */
    { name: 'targets', partitionKey: 'targetKey', sortKey: 'targetSort' },
    /** Sparse: every cluster's and account's composite or first finding is found by its finding id. */
    { name: 'by-id', partitionKey: 'idKey', sortKey: 'idSort' },
  ],
} as const;

export type IndexName = (typeof TABLE.indexes)[number]['name'];
