/** The parameter of every control that follows a route out of the role's sight. */
export const CENTRAL_EGRESS = {
  centralEgress: {
    describe:
      'where a default route to a transit gateway, virtual private gateway or appliance leads; believed, and marked as declared',
    default: 'none',
    oneOf: ['none', 'proxy', 'inspection'],
  },
} as const;
