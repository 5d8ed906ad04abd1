import type { Control } from '#domain/control.ts';
import { aksControls } from './aks/index.ts';
import { eksControls } from './eks/index.ts';
import { iksControls } from './iks/index.ts';
import { kubernetesControls } from './kubernetes/index.ts';
import { kubesprayControls } from './kubespray/index.ts';

/** The catalogue. Adding a control is one file, one test, and one line in its platform's index. */
export const CONTROLS: readonly Control[] = [
  ...eksControls,
  ...aksControls,
  ...iksControls,
  ...kubernetesControls,
  ...kubesprayControls,
];
