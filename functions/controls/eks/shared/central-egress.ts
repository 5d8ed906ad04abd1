import { CENTRAL_EGRESS as VALUES } from '#domain/central-egress.ts';

/** The parameter of every control that follows a route out of the role's sight. */
export const CENTRAL_EGRESS = {
  centralEgress: {
    describe:
      'where a default route to a transit gateway, virtual private gateway or appliance leads, for this control alone: overrides `aws.centralEgress`; accepted without a check, and marked as declared',
    default: 'none',
    oneOf: VALUES,
  },
} as const;
