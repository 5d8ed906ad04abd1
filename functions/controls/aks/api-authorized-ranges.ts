import { parseRange } from '#domain/net/cidr.ts';
import { INTERNET, isEverybodyInAzure, isServiceTag, TAGS_DATED } from '#domain/net/firewall/tags.ts';
import { fail, notApplicable, pass, unknown } from '#domain/verdict.ts';
import {
  apiServerOf,
  CLUSTER_READ,
  clusterArguments,
  derived,
  fact,
  isPrivate,
  optional,
  same,
} from './shared/cluster.ts';
import { aksDefaults } from './shared/defaults.ts';
import { defineAksControl } from './shared/define-aks-control.ts';

/** AKS writes it to mean "only the cluster's own outbound address" (AKS documentation, api-server-authorized-ip-ranges). No wildcard. */
const PLACEHOLDER = '0.0.0.0/32';

export default defineAksControl({
  id: 'aks-api-authorized-ranges',
  title: 'A public API server admits only narrow address ranges',
  severity: 'HIGH',
  basis: 'seed 003: control plane access',
  reference: 'AKS documentation, api-server-authorized-ip-ranges',
  remediation: 'List the addresses that need the API server, or make the cluster private.',
  needs: [CLUSTER_READ],
  defaults: aksDefaults(
    'cluster.apiServer',
    'cluster.apiServer.enablePrivateCluster',
    'cluster.apiServer.authorizedRanges',
  ),
  parameters: {
    widestPrefix: {
      describe: 'shortest prefix length that is still narrow (IPv6: doubled)',
      default: 16,
      from: 1,
      to: 32,
    },
  },
  evaluate(subject) {
    if (isPrivate(subject))
      return notApplicable('private-cluster', 'authorized ranges cannot be set on a private cluster');
    const profile = apiServerOf(subject);
    const ranges =
      profile === undefined
        ? undefined
        : optional(profile.authorizedRanges, 'apiServerAccessProfile.authorizedIPRanges');
    const proof = [
      fact(
        `authorizedIPRanges is ${ranges === undefined ? 'absent' : `[${ranges.join(', ')}]`}`,
        'properties.apiServerAccessProfile.authorizedIPRanges',
        ranges ?? null,
        subject.source,
      ),
    ];
    const fix = {
      fix: {
        commands: [
          `az aks update ${clusterArguments(subject.evidence.id)} --api-server-authorized-ip-ranges <range>,<range>`,
        ],
        fragments: [
          { language: 'bicep' as const, code: "apiServerAccessProfile: {\n  authorizedIPRanges: ['<range>']\n}" },
        ],
      },
    };
    if (ranges === undefined || ranges.length === 0)
      return fail('public-open', 'the public API server admits every address: no authorized ranges', proof, fix);
    const everybody = ranges.filter((range) => isEverybodyInAzure(range) || same(range, INTERNET));
    if (everybody.length > 0)
      return fail(
        'everybody-in-azure',
        `authorized ranges admit everybody who rents a machine in Azure: ${everybody.join(', ')}`,
        proof,
        fix,
      );
    const widest = subject.parameters.widestPrefix;
    const wide = ranges.filter((range) => isWide(range, widest));
    if (wide.length > 0)
      return fail('range-too-wide', `authorized ranges are wider than /${widest}: ${wide.join(', ')}`, proof, fix);
    const words = ranges.filter((range) => parseRange(range) === undefined);
    const tags = words.filter(isServiceTag);
    const unreadable = words.filter((word) => !tags.includes(word));
    if (unreadable.length > 0)
      return unknown(
        'unrecognised-value',
        `authorized ranges are neither addresses nor service tags known on ${TAGS_DATED}: ${unreadable.join(', ')}`,
        proof,
      );
    if (tags.length > 0)
      return pass(
        `the public API server admits ${ranges.length - tags.length} narrow ranges and the service ${tags.join(', ')}`,
        [
          ...proof,
          ...tags.map((tag) =>
            derived(`${tag} is a list of addresses that Microsoft keeps (preview in AKS), not everybody's`),
          ),
        ],
      );
    const own = ranges.every((range) => range === PLACEHOLDER);
    return pass(
      own
        ? "the public API server admits the cluster's own outbound address only"
        : `the public API server admits ${ranges.length} narrow ranges`,
      proof,
    );
  },
});

function isWide(text: string, widest: number): boolean {
  const range = parseRange(text);
  if (range === undefined) return false;
  const hostBits = (range.last - range.first + 1n).toString(2).length - 1;
  return range.family === 'ipv4' ? 32 - hostBits < widest : 128 - hostBits < 2 * widest;
}
