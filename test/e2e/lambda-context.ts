/** A bundle's handler, and as much of Lambda's context as the handlers look at. */
export type Handler = (event: unknown, context: unknown) => Promise<unknown>;

export const CONTEXT = {
  functionName: 'f',
  awsRequestId: 'r',
  memoryLimitInMB: '512',
  invokedFunctionArn: 'arn',
  getRemainingTimeInMillis: () => 120_000,
};
