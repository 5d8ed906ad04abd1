import { defineControl } from '../define-control.ts';
import { judgeFlag } from './account-flags.ts';

export default defineControl({
  id: 'ibm-account-service-endpoint',
  subject: 'ibm-account',
  title: 'Service endpoints are enabled on the account',
  severity: 'HIGH',
  basis: 'seed 000: VRF and service endpoints of the account come first',
  reference: 'IBM Cloud account documentation, VRF and service endpoints',
  remediation: 'After VRF: ibmcloud account update --service-endpoint-enable true.',
  needs: ['iam:token', 'account:read', 'classic:isConnectedToPrivateEndpointService', 'containers:getClusters'],
  evaluate: (account) => judgeFlag('serviceEndpoint', account),
});
