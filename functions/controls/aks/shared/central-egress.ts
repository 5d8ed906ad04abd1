import { CENTRAL_EGRESS } from '#domain/central-egress.ts';

/** The parameter of every control that a declaration of central egress decides. */
export const CENTRAL_EGRESS_PARAMETER = {
  describe: 'where egress leads that the role cannot see; overrides `azure.centralEgress`',
  default: 'none',
  oneOf: CENTRAL_EGRESS,
} as const;
