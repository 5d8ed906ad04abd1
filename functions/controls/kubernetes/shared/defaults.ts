/** A pod that nothing owns is served without the field. */
export const OWNER_DEFAULT = {
  'pods.owner': { value: 'owned by nothing', source: 'Kubernetes API reference, ObjectMeta.ownerReferences' },
} as const;
