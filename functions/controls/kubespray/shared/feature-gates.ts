import type { KubesprayVariable } from '#domain/evidence/kubespray.ts';
import type { HostView } from './assessment.ts';
import { asList } from './judgements.ts';
import type { Setting } from './read-variable.ts';

/** Gates as `Name=true`, from a list, its text, or the kubelet's mapping. */
export function asGates(value: unknown): readonly string[] | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.entries(value).map(([name, state]) => `${name}=${String(state)}`)
    : asList(value);
}

/** A component's own gates; where there are none, the templates take those of every component. */
export function ownOrCommonGates({ read }: HostView, variable: KubesprayVariable): [KubesprayVariable, Setting] {
  const own = read(variable);
  const isEmpty = own.state === 'set' && asGates(own.value)?.length === 0;
  const common = isEmpty ? read('kube_feature_gates') : own;
  const takesCommon = isEmpty && !(common.state === 'set' && asGates(common.value)?.length === 0);
  return takesCommon ? ['kube_feature_gates', common] : [variable, own];
}

export const ROTATION_OFF = 'RotateKubeletServerCertificate=false';
