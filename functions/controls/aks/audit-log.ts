import type { AksDiagnosticSetting } from '#domain/evidence/aks.ts';
import { shellQuote } from '#domain/shell.ts';
import { fail, pass } from '#domain/verdict.ts';
import { attempted, CLUSTER_READ, fact, had, optional, required, sourceOf } from './shared/cluster.ts';
import { defineAksControl } from './shared/define-aks-control.ts';

const READ = 'Microsoft.Insights/diagnosticSettings/read';
const CATEGORIES = ['kube-audit', 'kube-audit-admin'];
const GROUPS = ['audit', 'alllogs'];

export default defineAksControl({
  id: 'aks-audit-log',
  title: 'The Kubernetes audit log is collected',
  severity: 'MEDIUM',
  basis: 'seeds 002 and 004: audit logging',
  reference: 'AKS documentation, monitor-aks; ARM Microsoft.Insights/diagnosticSettings',
  remediation:
    'Add a diagnostic setting that sends kube-audit (or kube-audit-admin, which leaves out reads) somewhere.',
  needs: [CLUSTER_READ, READ],
  evaluate(subject) {
    const part = subject.evidence.diagnosticSettings;
    const read = had(part).map((setting) => ({ setting, logs: attempted(() => auditLogs(setting)) }));
    const settings = read.flatMap(({ setting, logs }) =>
      logs.state === 'read' ? [{ setting, logs: logs.value }] : [],
    );
    const source = sourceOf(part, subject.source);
    const proof = settings.map(({ setting, logs }) =>
      fact(
        `diagnostic setting ${setting.name}: audit logs [${logs.join(', ')}] to [${setting.destinations.join(', ')}]`,
        'diagnosticSettings[].properties.logs',
        logs,
        source,
      ),
    );
    const collecting = settings.filter(({ setting, logs }) => logs.length > 0 && setting.destinations.length > 0);
    if (collecting.length > 0)
      return pass(`${collecting.map(({ logs }) => logs.join(', ')).join('; ')} is collected`, proof);
    const undecided = read.find(({ logs }) => logs.state === 'undecided')?.logs;
    if (undecided?.state === 'undecided') return undecided.verdict;
    return fail(
      'audit-log-off',
      'no diagnostic setting collects the audit log',
      proof.length > 0 ? proof : [fact('the cluster has no diagnostic setting', READ, 0, source)],
      {
        fix: {
          commands: [
            `az monitor diagnostic-settings create --name audit --resource ${shellQuote(subject.evidence.id)} --logs '[{"category":"kube-audit","enabled":true}]' --workspace <id of the Log Analytics workspace>`,
          ],
          fragments: [
            {
              language: 'bicep',
              code: "resource audit 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {\n  name: 'audit'\n  scope: cluster\n  properties: { workspaceId: workspace.id, logs: [{ category: 'kube-audit', enabled: true }] }\n}",
            },
          ],
        },
      },
    );
  },
});

function auditLogs({ name, logs }: AksDiagnosticSetting): readonly string[] {
  return required(logs, `logs of ${name}`).flatMap((log) => {
    if (!required(log.enabled, `logs[].enabled of ${name}`)) return [];
    const group = optional(log.categoryGroup, `logs[].categoryGroup of ${name}`);
    const category =
      group === undefined
        ? required(log.category, `logs[].category of ${name}`)
        : optional(log.category, `logs[].category of ${name}`);
    if (category !== undefined && CATEGORIES.includes(category.toLowerCase())) return [category];
    return group !== undefined && GROUPS.includes(group.toLowerCase()) ? [`group ${group}`] : [];
  });
}
