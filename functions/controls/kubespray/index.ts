import type { Control } from '#domain/control.ts';
import drift from './drift.ts';
import hardeningImpact from './hardening-impact.ts';
import metricsExposure from './metrics-exposure.ts';
import { variableControls } from './shared/variable-controls.ts';

/** Every control of this platform, one line each; those over single variables have a list of their own. */
export const kubesprayControls: readonly Control[] = [...variableControls, metricsExposure, drift, hardeningImpact];
