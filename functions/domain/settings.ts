import type { CentralEgressSettings } from './central-egress.ts';
import type { Severity } from './verdict.ts';

/** closed: no way to or from the internet. private: nodes may leave through NAT. */
export type Profile = 'closed' | 'private';

/** One control's settings from `controls:` in ringfence.yaml. Parameters beside the two common ones are the control's own. */
export interface ControlSettings {
  readonly enabled?: boolean;
  readonly severity?: Severity;
  readonly [parameter: string]: unknown;
}

export interface Settings {
  readonly profile: Profile;
  readonly controls: Readonly<Record<string, ControlSettings>>;
  /** Where ways out lead that a scan's role cannot see, by provider. Nothing is declared where it is left out. */
  readonly centralEgress?: CentralEgressSettings;
}
