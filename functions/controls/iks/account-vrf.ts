import { judgeFlag } from './shared/account-flags.ts';
import { defineIbmAccountControl } from './shared/define-ibm-account-control.ts';

export default defineIbmAccountControl({
  id: 'ibm-account-vrf',
  title: 'VRF is enabled on the account',
  severity: 'HIGH',
  basis: 'seed 000: VRF and service endpoints of the account come first',
  reference: 'IBM Cloud account documentation, VRF and service endpoints',
  remediation:
    'Open a support case that asks for VRF; the conversion takes 15 to 30 minutes of the private network and cannot be undone.',
  needs: ['iam:token', 'account:read', 'classic:isConnectedToPrivateEndpointService', 'containers:getClusters'],
  evaluate: ({ evidence }) => judgeFlag('vrf', evidence),
});
