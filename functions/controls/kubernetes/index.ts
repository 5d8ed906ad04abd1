import type { Control } from '#domain/control.ts';

/** Every control of this platform, one line each. */
export const kubernetesControls: readonly Control[] = [];
