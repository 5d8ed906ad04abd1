import type { Provider } from './target.ts';
import type { Severity } from './verdict.ts';

/** One Slack channel. Only the webhook is required; the others narrow what it hears. */
export interface SlackChannel {
  readonly name: string;
  readonly webhook: string;
  readonly providers?: readonly Provider[];
  readonly accounts?: readonly string[];
  readonly minimumSeverity?: Severity;
}

/** The `alerts:` section after secrets were resolved. */
export interface AlertSettings {
  readonly minimumSeverity: Severity;
  /** digest: a channel's first run, and any run that would send more than 20 messages, sends one digest. */
  readonly firstScan: 'digest' | 'each';
  readonly slack: readonly SlackChannel[];
  readonly sns?: { readonly topicArn: string };
}
