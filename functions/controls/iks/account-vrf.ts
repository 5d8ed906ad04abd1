import { defineControl } from '../define-control.ts';
import { judgeFlag } from './account-flags.ts';

export default defineControl({
  id: 'ibm-account-vrf',
  subject: 'ibm-account',
  title: 'VRF is enabled on the account',
  severity: 'HIGH',
  basis: 'seed 000: VRF and service endpoints of the account come first',
  reference: 'IBM Cloud account documentation, VRF and service endpoints',
  remediation:
    'Open a support case that asks for VRF; the conversion takes 15 to 30 minutes of the private network and cannot be undone.',
  needs: ['iam:token', 'account:read', 'classic:isConnectedToPrivateEndpointService', 'containers:getClusters'],
  evaluate: (account) => judgeFlag('vrf', account),
});
