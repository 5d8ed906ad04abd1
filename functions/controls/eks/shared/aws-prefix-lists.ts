import type { Unavailable } from '#domain/collected.ts';
import type { EksNetwork, EksRoute } from '#domain/evidence/eks-network.ts';

/**
 * Services behind prefix lists that AWS owns and that routes lead to by an endpoint. AWS owns lists for other purposes too (the addresses of CloudFront):
 * those lead wherever their entries lie. Source: VPC user guide, AWS-managed prefix lists (November 2026).
 */
const OF_A_SERVICE = /^(?:[a-z-]+\.)*amazonaws\.[a-z0-9-]+\.(?:ipv6\.)?(?:s3|s3express|dynamodb|vpc-lattice)$/;

/** Whether a route by a prefix list of AWS leads to its service and nowhere else, also where the endpoint is not among those that were read. */
export function leadsToServiceOnly(
  { destination, targetKind }: EksRoute,
  { prefixListOwners }: EksNetwork,
): boolean | Unavailable {
  if (targetKind !== 'vpc-endpoint') return false;
  if (prefixListOwners.state === 'unavailable')
    return prefixListOwners.reason === 'not-scanned' ? false : prefixListOwners;
  const list = prefixListOwners.value.find(({ id }) => id === destination);
  return (
    list?.ownerId.state === 'given' &&
    list.ownerId.value === 'AWS' &&
    list.name.state === 'given' &&
    OF_A_SERVICE.test(list.name.value)
  );
}
