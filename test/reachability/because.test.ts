import { expect, test } from 'vitest';
import { readDocuments } from '#reachability/documents.ts';
import { policyName } from '#reachability/model.ts';
import { formatPorts } from '#reachability/ports.ts';
import { reachability } from '#reachability/reachability.ts';
import { deployment } from './harness.ts';

const policy = (name: string, spec: unknown) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name, namespace: 'shop' },
  spec,
});

test('a connection names the policies that isolate its ends and those that allow it', () => {
  const documents = [
    deployment('shop', 'web', { app: 'web' }),
    deployment('shop', 'db', { app: 'db' }),
    policy('deny', { podSelector: {}, policyTypes: ['Ingress'] }),
    policy('web-to-db', {
      podSelector: { matchLabels: { app: 'db' } },
      ingress: [{ from: [{ podSelector: { matchLabels: { app: 'web' } } }], ports: [{ port: 5432 }] }],
    }),
  ];
  const { input } = readDocuments(documents.map((content) => ({ file: 'a.yaml', content })));
  const reach = reachability(input);
  const [web, db] = reach.classes;
  if (web === undefined || db === undefined) throw new Error('two workloads make two classes');
  expect(formatPorts(reach.between(web, db))).toEqual(['TCP 5432']);
  const { ingress, egress } = reach.because(web, db);
  expect(ingress.isolatedBy.map(policyName)).toEqual(['NetworkPolicy shop/deny', 'NetworkPolicy shop/web-to-db']);
  expect(ingress.allowedBy.map(policyName)).toEqual(['NetworkPolicy shop/web-to-db']);
  expect(egress).toEqual({ isolatedBy: [], allowedBy: [] });
  expect(formatPorts(reach.between(db, web))).toEqual([]);
});
