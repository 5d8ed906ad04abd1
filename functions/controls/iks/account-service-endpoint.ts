import { judgeFlag } from './shared/account-flags.ts';
import { defineIbmAccountControl } from './shared/define-ibm-account-control.ts';

export default defineIbmAccountControl({
  id: 'ibm-account-service-endpoint',
  title: 'Service endpoints are enabled on the account',
  severity: 'HIGH',
  basis: 'seed 000: VRF and service endpoints of the account come first',
  reference: 'IBM Cloud account documentation, VRF and service endpoints',
  remediation: 'After VRF: ibmcloud account update --service-endpoint-enable true.',
  needs: ['iam:token', 'account:read', 'classic:isConnectedToPrivateEndpointService', 'containers:getClusters'],
  evaluate: ({ evidence }) => judgeFlag('serviceEndpoint', evidence),
});
