import { shellQuote } from '#domain/shell.ts';
import { fail, pass, unknownBecause } from '#domain/verdict.ts';
import { defineIksControl } from './shared/define-iks-control.ts';
import { fixWith, refreshMaster } from './shared/fix.ts';

export default defineIksControl({
  id: 'iks-audit-log',
  title: 'The API audit webhook is set',
  severity: 'MEDIUM',
  basis: 'seed 002: enable and analyse audit logs',
  reference: 'IBM Cloud Kubernetes Service, audit webhook',
  remediation: 'Set the API server audit webhook, then refresh the master.',
  needs: ['iam:token', 'containers:getClusters', 'containers:getCluster', 'containers:getAuditWebhook'],
  evaluate({ evidence }) {
    const { auditWebhook } = evidence;
    if (auditWebhook.state === 'unavailable') return unknownBecause(auditWebhook);
    if (auditWebhook.value.webhook === 'set')
      return pass('the audit webhook is set', [
        { kind: 'fact', line: `auditServer = ${auditWebhook.value.server}`, source: auditWebhook.source },
      ]);
    return fail(
      'missing',
      'no audit webhook is set',
      [{ kind: 'fact', line: 'auditServer is not set', source: auditWebhook.source }],
      fixWith(
        `ibmcloud ks cluster master audit-webhook set --cluster ${shellQuote(evidence.id)} --remote-server <address>`,
        refreshMaster(evidence),
      ),
    );
  },
});
