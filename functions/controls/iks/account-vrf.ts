import { judgeFlag } from './shared/account-flags.ts';
import { defineIbmAccountControl } from './shared/define-ibm-account-control.ts';

export default defineIbmAccountControl({
  id: 'ibm-account-vrf',
  title: 'VRF is enabled on the account',
  severity: 'HIGH',
  basis: 'seed 000: VRF and service endpoints of the account come first',
  reference: 'IBM Cloud account documentation, VRF and service endpoints',
  remediation:
    'Turn on VRF in the account settings of the console. Most accounts are converted at once; a few need a support case and then 15 to 30 minutes with packet loss. It cannot be undone, is incompatible with the classic IPsec VPN, wants VLAN spanning that was set up by hand to be off before, and lets every VLAN of the account reach every other.',
  needs: ['iam:token', 'account:read', 'classic:isConnectedToPrivateEndpointService', 'containers:getClusters'],
  evaluate: ({ evidence }) => judgeFlag('vrf', evidence),
});
