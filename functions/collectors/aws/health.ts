import * as v from 'valibot';
import { type Field, fieldOf } from '#domain/collected.ts';
import { EksHealthIssue } from '#domain/evidence/eks-access.ts';

/** What EKS reports about a cluster or node group. An empty list is its word that nothing is wrong; no list is no word. */
export function healthOf(
  issues:
    | readonly {
        readonly code?: string | undefined;
        readonly message?: string | undefined;
        readonly resourceIds?: readonly string[] | undefined;
      }[]
    | undefined,
): Field<EksHealthIssue[]> {
  return fieldOf(
    v.array(EksHealthIssue),
    issues?.map(({ code = 'unnamed', message = '', resourceIds = [] }) => ({
      code,
      message,
      resourceIds: [...resourceIds],
    })),
  );
}
