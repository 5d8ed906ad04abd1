import type { Severity, Status } from '#domain/verdict.ts';

/** How texts are coloured; the caller decides whether the terminal knows colours. */
export interface Paint {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly status: (status: Status, text: string) => string;
  readonly severity: (severity: Severity, text: string) => string;
}

export const PLAIN: Paint = {
  bold: (text) => text,
  dim: (text) => text,
  status: (_status, text) => text,
  severity: (_severity, text) => text,
};
