/** Every environment variable that the deployed functions read, and what it is. The hub's constructs set exactly these. */
export const ENVIRONMENT = {
  RINGFENCE_TABLE: 'name of the state table',
  RINGFENCE_RUN_BUCKET: 'bucket of planned targets',
  RINGFENCE_ALERT_TOPIC_ARN: "topic of state changes, for the organisation's own subscribers",
  RINGFENCE_DELIVERY_TOPIC_ARN: 'internal topic in front of the Slack queue',
  RINGFENCE_CURSOR_SECRET_ARN: 'secret that signs cursors',
  RINGFENCE_SLACK_SECRET_ARN: "the hub's own webhook secret, where the configuration names none",
  RINGFENCE_SLACK_QUEUE_URL: 'queue whose messages are hidden for the time that Slack asks for',
  RINGFENCE_LINK_BASE: 'what links in messages begin with',
} as const;

export type EnvironmentName = keyof typeof ENVIRONMENT;

/** A missing variable is a fault of the deployment, and named. */
export function environment(name: EnvironmentName): string {
  const value = optionalEnvironment(name);
  if (value === undefined) throw new Error(`the environment variable ${name} (${ENVIRONMENT[name]}) is not set`);
  return value;
}

export function optionalEnvironment(name: EnvironmentName): string | undefined {
  const value = process.env[name];
  return value === undefined || value === '' ? undefined : value;
}
