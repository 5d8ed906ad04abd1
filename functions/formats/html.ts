import { COMPOSITE, type Finding } from '#domain/finding.ts';
import { printable } from '#domain/printable.ts';
import type { TargetReport } from '#domain/run.ts';
import { byResource, type ResourceFindings } from './order.ts';
import { clusterCounts, findingCounts, readOf, type ScanOutput } from './result.ts';

const STYLE = `
:root { color-scheme: light dark; --line: #8884; --fail: light-dark(#b71c1c, #ff8a80); --unknown: light-dark(#8f5600, #ffb74d);
  --pass: light-dark(#1b6e20, #81c784); --dim: light-dark(#666, #aaa); }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin-bottom: 0; } h2 { font-size: 1.15rem; margin: 2rem 0 .3rem; }
a { color: inherit; } ul { margin: .3rem 0; } code { font-size: .92em; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; margin: 1rem 0; } th, td { text-align: left; padding: .25rem .8rem .25rem 0; border-top: 1px solid var(--line); vertical-align: top; overflow-wrap: break-word; }
.dim { color: var(--dim); } .sum { display: flex; flex-wrap: wrap; gap: 2rem; margin: 1rem 0; } .sum b { font-size: 1.6rem; display: block; }
details { border-top: 1px solid var(--line); padding: .45rem 0; } summary { cursor: pointer; overflow-wrap: anywhere; }
.FAIL { color: var(--fail); } .UNKNOWN { color: var(--unknown); } .PASS { color: var(--pass); } .NOT_APPLICABLE { color: var(--dim); }
.tag { display: inline-block; min-width: 9.5rem; font-weight: 600; } pre { white-space: pre-wrap; overflow-wrap: anywhere; background: #8882; padding: .6rem; }
@media screen and (max-width: 44rem) { :is(th, td):nth-child(n + 3):nth-child(-n + 5) { display: none; } .tag { min-width: 0; margin-right: .5rem; } }
@media print { details, tr { break-inside: avoid; } h2 { break-after: avoid; } body { margin: 0; font-size: 12px; max-width: none; } }`;

/** One file without any request to elsewhere: to be kept, mailed or printed. Every text is escaped. */
export function toHtml({ run, targets, findings }: ScanOutput): string {
  const resources = byResource(findings.filter(({ resource }) => resource.type !== 'target'));
  const counts = findingCounts(findings);
  const clusters = clusterCounts(findings);
  const number = (label: string, value: number, kind: string) => `<div><b class="${kind}">${value}</b>${label}</div>`;
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta http-equiv="content-security-policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"><meta name="viewport" content="width=device-width"><title>Ringfence report</title><style>${STYLE}</style>
<h1>Ringfence report</h1><p class="dim">run ${escaped(run.id)}, ${escaped(run.startedAt)}, ${escaped(run.status)}</p>
<div class="sum">${number('clusters open', clusters.open, 'FAIL')}${number('not decided', clusters.unknown, 'UNKNOWN')}${number('closed', clusters.closed, 'PASS')}${number('findings fail', counts.FAIL, 'FAIL')}${number('unknown', counts.UNKNOWN, 'UNKNOWN')}</div>
${coverage(targets)}
${overview(resources)}
${resources.map(section).join('\n')}
</html>
`;
}

const CLOSED = { PASS: 'closed', FAIL: 'open', UNKNOWN: 'not decided', NOT_APPLICABLE: 'not applicable' } as const;

function verdict({ composite }: ResourceFindings): string {
  return composite === undefined ? '' : ` <span class="${composite.status}">${CLOSED[composite.status]}</span>`;
}

/** The whole picture on one page, before the details. */
function overview(resources: readonly ResourceFindings[]): string {
  if (resources.length === 0) return '';
  const rows = resources.map((resource, index) => {
    const [first] = resource.findings;
    const failures = resource.findings.filter(({ status }) => status === 'FAIL').length;
    const { name = '', provider = '', account = '', region = '' } = first?.resource ?? {};
    const cells = [`<a href="#r${index}">${escaped(name)}</a>`, verdict(resource), provider, account, region].map(
      (cell, column) => `<td>${column < 2 ? cell : escaped(cell)}</td>`,
    );
    return `<tr>${cells.join('')}<td>${failures === 0 ? '' : failures}</td></tr>`;
  });
  return `<table><tr><th>resource</th><th>network</th><th>cloud</th><th>account</th><th>region</th><th>fail</th></tr>${rows.join('')}</table>`;
}

function section(resource: ResourceFindings, index: number): string {
  const [first] = resource.findings;
  if (first === undefined) return '';
  const { name, provider, account, region, uid } = first.resource;
  const rows = resource.findings.map(row).join('');
  return `<section id="r${index}"><h2>${escaped(name)}${verdict(resource)}</h2><div class="dim">${[
    provider,
    account,
    region,
  ]
    .filter((part) => part !== '')
    .map(escaped)
    .join(' · ')} <code>${escaped(uid)}</code></div>${rows}</section>`;
}

function row({ status, severity, control, title, message, proof, remediation, fix, exception }: Finding): string {
  const label = status === 'FAIL' ? `FAIL ${severity}` : status.replace('_', ' ');
  const checks = (fix?.checkFirst ?? []).map((check) => `<p>Before that: ${escaped(check)}</p>`).join('');
  const commands =
    fix === undefined || fix.commands.length === 0 ? '' : `<pre>${fix.commands.map(escaped).join('\n')}</pre>`;
  const accepted =
    exception === undefined
      ? ''
      : `<p>accepted by ${escaped(exception.owner)} until ${escaped(exception.expires)}: ${escaped(exception.reason)}</p>`;
  // The composite is fixed by its parts.
  const sentence = remediation === undefined || control === COMPOSITE ? '' : `<p>Fix: ${escaped(remediation)}</p>`;
  return `<details${status === 'FAIL' ? ' open' : ''}><summary><span class="tag ${status}">${label}</span> <b>${escaped(control)}</b> ${escaped(message)}</summary>
<p class="dim">${escaped(title)}</p><ul>${proof.map(({ line }) => `<li><code>${escaped(line)}</code></li>`).join('')}</ul>${sentence}${checks}${commands}${accepted}</details>`;
}

function coverage(targets: readonly TargetReport[]): string {
  const unread = targets.filter(({ status }) => status !== 'complete');
  const items = unread
    .map(({ target, status, reason, message }) => {
      const why = [reason, message].filter((part) => part !== undefined).join(': ');
      return `<li><b class="${status === 'skipped' ? 'dim' : 'FAIL'}">${status}</b> <code>${escaped(target.id)}</code> ${escaped(why)}</li>`;
    })
    .join('');
  return `<section><h2>Coverage</h2><p>${readOf(targets)}</p><ul>${items}</ul></section>`;
}

function escaped(text: string): string {
  return printable(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
