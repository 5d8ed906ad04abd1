import { pickDefaults } from '../../shared/documented-defaults.ts';

/** What AWS leaves out of its answers, and what that means. */
export const eksDefaults = pickDefaults({
  'vpcCni.configuration': { value: 'the defaults of the add-on', source: 'EKS user guide, Amazon VPC CNI add-on' },
  'nodeGroups.remoteAccessGroupId': {
    value: 'a group that admits everybody on port 22, where remote access names no source groups',
    source: 'EKS API reference, RemoteAccessConfig',
  },
  'network.subnets.blockMode': {
    value: 'off',
    source: 'VPC user guide, Block Public Access: sent where it is switched on',
  },
});
