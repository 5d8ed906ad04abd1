import { pickDefaults } from '../../shared/documented-defaults.ts';

/** What the service leaves out of its records, and what that means. */
export const iksDefaults = pickDefaults({
  'cluster.nestedPrivate': {
    value: 'the flat field',
    source: 'IBM Cloud Kubernetes Service API: serviceEndpoints, or flat fields, depending on the provider',
  },
  'cluster.flatPrivate': {
    value: 'the field in serviceEndpoints',
    source: 'IBM Cloud Kubernetes Service API: serviceEndpoints, or flat fields, depending on the provider',
  },
  'cluster.nestedPublicUrl': {
    value: 'none',
    source: 'IBM Cloud Kubernetes Service API: no address of a disabled endpoint',
  },
  'cluster.flatPublicUrl': {
    value: 'none',
    source: 'IBM Cloud Kubernetes Service API: no address of a disabled endpoint',
  },
  'cluster.serverUrl': { value: 'none', source: 'IBM Cloud Kubernetes Service API: masterURL alone' },
  'cluster.provider': {
    value: 'the list that named the cluster',
    source: 'IBM Cloud Kubernetes Service API: records of the first version have no provider',
  },
});
