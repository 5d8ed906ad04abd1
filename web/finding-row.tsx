import { useState } from 'preact/hooks';
import type { Fix, Proof } from '#domain/verdict.ts';
import type { DatedFinding, QueryApi } from './api.ts';
import { shortName } from './arrange.ts';
import { Age, FindingBadge, Read } from './parts.tsx';

/** One finding: its message, and behind it the proof, what mends it, and its history. */
export function FindingRow({
  finding,
  api,
  opened: atFirst,
}: {
  readonly finding: DatedFinding;
  readonly api: QueryApi;
  readonly opened: boolean;
}) {
  const { status, severity, control, title, message, reason, proof, remediation, fix, exception } = finding;
  const [opened, setOpened] = useState(atFirst);
  return (
    <details class="finding" open={opened} onToggle={({ currentTarget }) => setOpened(currentTarget.open)}>
      <summary>
        <FindingBadge status={status} severity={severity} /> <b>{control}</b> <span>{message}</span>
      </summary>
      {opened && (
        <div class="inside">
          <p class="dim">
            {title} · {reason} · since <Age at={finding.firstSeen} /> · read <Age at={finding.lastEvaluated} />
          </p>
          {exception !== undefined && (
            <p class="notice">
              accepted by {exception.owner} until {exception.expires}: {exception.reason}
            </p>
          )}
          <ul class="proof" aria-label="Proof">
            {proof.map((fact, index) => (
              <ProofLine key={`${index} ${fact.line}`} fact={fact} />
            ))}
          </ul>
          {status === 'FAIL' && remediation !== undefined && <p>Fix: {remediation}</p>}
          {fix !== undefined && <FixText fix={fix} />}
          <History id={finding.id} api={api} />
        </div>
      )}
    </details>
  );
}

function ProofLine({ fact: { kind, line, hops, source } }: { readonly fact: Proof }) {
  return (
    <li>
      {hops === undefined ? (
        line
      ) : (
        <span class="path">
          {hops.map((hop, index) => (
            <span key={`${index} ${hop}`} title={hop}>
              {shortName(hop)}
            </span>
          ))}
        </span>
      )}
      {kind !== 'fact' && kind !== 'path' && <span class="dim"> ({kind})</span>}
      {source !== undefined && (
        <span class="dim">
          {' '}
          {source.api}, <Age at={source.at} />
        </span>
      )}
    </li>
  );
}

function FixText({ fix: { checkFirst = [], commands, fragments } }: { readonly fix: Fix }) {
  return (
    <>
      {checkFirst.map((check) => (
        <p key={check}>Before that: {check}</p>
      ))}
      {commands.length > 0 && <pre>{commands.join('\n')}</pre>}
      {fragments.map(({ language, code }) => (
        <details key={code}>
          <summary>as {language}</summary>
          <pre>{code}</pre>
        </details>
      ))}
    </>
  );
}

/** Read only when somebody asks: most findings have none. */
function History({ id, api }: { readonly id: string; readonly api: QueryApi }) {
  const [asked, setAsked] = useState(false);
  if (!asked)
    return (
      <button type="button" onClick={() => setAsked(true)}>
        History
      </button>
    );
  return (
    <Read from={() => api.history(id)}>
      {(entries) =>
        entries.length === 0 ? (
          <p class="dim">its status never changed</p>
        ) : (
          <ol class="history">
            {entries.map(({ at, from, to, message }) => (
              <li key={`${at} ${to}`}>
                <Age at={at} /> {from ?? 'new'} → <b class={to}>{to}</b> {message}
              </li>
            ))}
          </ol>
        )
      }
    </Read>
  );
}
