import { DescribeAddonCommand, ListAddonsCommand, ListPodIdentityAssociationsCommand } from '@aws-sdk/client-eks';
import * as v from 'valibot';
import { collected, fieldOf } from '#domain/collected.ts';
import type { EksEvidence } from '#domain/evidence/eks.ts';
import { mapConcurrently } from '#domain/map-concurrently.ts';
import { everyPage, type Reading } from './read.ts';
import type { RegionClients } from './session.ts';

const CNI = 'vpc-cni';
const AT_ONCE = 5;

/**
 * Add-ons whose pods call no AWS service with a role, so that their description decides nothing. All others are described, one call each. Source: EKS user
 * guide, AWS add-ons (November 2026).
 */
const WITHOUT_ROLE = new Set([
  'coredns',
  'kube-proxy',
  'eks-pod-identity-agent',
  'eks-node-monitoring-agent',
  'snapshot-controller',
  'metrics-server',
  'kube-state-metrics',
  'prometheus-node-exporter',
]);

export async function readAddons(
  clusterName: string,
  resource: string,
  { eks }: RegionClients,
  reading: Reading,
): Promise<Pick<EksEvidence, 'addons' | 'addonDescriptions' | 'vpcCni'>> {
  const addons = await reading.part(
    'eks:ListAddons',
    async (abortSignal) => [
      ...(await everyPage(async (nextToken) => {
        const answer = await eks.send(
          new ListAddonsCommand({ clusterName, ...(nextToken === undefined ? {} : { nextToken }) }),
          { abortSignal },
        );
        return { items: answer.addons, token: answer.nextToken };
      })),
    ],
    { resource },
  );
  if (addons.state === 'unavailable') return { addons, addonDescriptions: [], vpcCni: { state: 'not-listed' } };
  const described = await mapConcurrently(
    addons.value.filter((name) => !WITHOUT_ROLE.has(name)),
    AT_ONCE,
    async (name) => ({ name, part: await describeAddon(clusterName, name, resource, { eks }, reading) }),
  );
  const cni = described.find(({ name }) => name === CNI)?.part;
  return {
    addons,
    addonDescriptions: described.map(({ name, part }) => ({
      name,
      description: part.state === 'unavailable' ? part : collected(part.value.description, part.source),
    })),
    vpcCni:
      cni === undefined
        ? { state: 'not-installed' }
        : {
            state: 'listed',
            configuration: cni.state === 'unavailable' ? cni : collected(cni.value.configuration, cni.source),
          },
  };
}

function describeAddon(
  clusterName: string,
  addonName: string,
  resource: string,
  { eks }: Pick<RegionClients, 'eks'>,
  reading: Reading,
) {
  return reading.part(
    'eks:DescribeAddon',
    async (abortSignal) => {
      const { addon } = await eks.send(new DescribeAddonCommand({ clusterName, addonName }), { abortSignal });
      if (addon === undefined) throw new SyntaxError('the answer holds no add-on');
      return {
        configuration: fieldOf(v.string(), addon.configurationValues),
        description: {
          version: fieldOf(v.string(), addon.addonVersion),
          roleArn: fieldOf(v.string(), addon.serviceAccountRoleArn),
          podIdentities: [...(addon.podIdentityAssociations ?? [])],
        },
      };
    },
    { resource },
  );
}

export function readPodIdentity(
  clusterName: string,
  resource: string,
  { eks }: RegionClients,
  reading: Reading,
): Promise<EksEvidence['podIdentityAssociations']> {
  return reading.part(
    'eks:ListPodIdentityAssociations',
    async (abortSignal) => {
      const associations = await everyPage(async (nextToken) => {
        const answer = await eks.send(
          new ListPodIdentityAssociationsCommand({ clusterName, ...(nextToken === undefined ? {} : { nextToken }) }),
          { abortSignal },
        );
        return { items: answer.associations, token: answer.nextToken };
      });
      return associations.map(({ namespace = '', serviceAccount = '' }) => ({ namespace, serviceAccount }));
    },
    { resource },
  );
}
