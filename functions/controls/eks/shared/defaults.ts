import { pickDefaults } from '../../shared/documented-defaults.ts';

/** What AWS leaves out of its answers, and what that means. */
export const eksDefaults = pickDefaults({
  'vpcCni.configuration': { value: 'the defaults of the add-on', source: 'EKS user guide, Amazon VPC CNI add-on' },
  'network.subnets.blockMode': {
    value: 'off',
    source: 'VPC user guide, Block Public Access: sent where it is switched on',
  },
});
