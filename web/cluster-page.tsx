import { consoleLinkOf } from '#domain/provider-facts.ts';
import type { DatedFinding, QueryApi } from './api.ts';
import { arrangeFindings, place } from './arrange.ts';
import { FindingRow } from './finding-row.tsx';
import { Read, StateBadge } from './parts.tsx';

const COMPOSITE = 'closed-network';

export function ClusterPage({ api, uid }: { readonly api: QueryApi; readonly uid: string }) {
  return (
    <Read from={() => api.cluster(uid)}>
      {({ name, state, message, provider, account, region, type, findings }) => (
        <>
          <h1>
            {name} <StateBadge state={state} />
          </h1>
          <p class="dim">
            {place({ provider, region, account })} <code>{uid}</code>{' '}
            <ConsoleLink link={consoleLinkOf({ uid, provider, region, type })} />
          </p>
          <p>{message}</p>
          <Dimensions findings={findings} />
          <section aria-label="Findings">
            {arrangeFindings(findings.filter(({ control }) => control !== COMPOSITE)).map((finding) => (
              <FindingRow key={finding.id} finding={finding} api={api} opened={finding.status === 'FAIL'} />
            ))}
          </section>
        </>
      )}
    </Read>
  );
}

/** Where the cloud shows the cluster; nothing for clusters of no cloud. */
function ConsoleLink({ link }: { readonly link: string | undefined }) {
  return link === undefined ? null : (
    <a href={link} target="_blank" rel="noreferrer">
      console
    </a>
  );
}

/** The composite's proof has a line for each dimension: API exposure, node egress, ... */
function Dimensions({ findings }: { readonly findings: readonly DatedFinding[] }) {
  const composite = findings.find(({ control }) => control === COMPOSITE);
  if (composite === undefined) return null;
  return (
    <ul class="dimensions" aria-label="Dimensions">
      {composite.proof.map(({ line, value }) => (
        <li key={line} class={typeof value === 'string' ? value : ''}>
          {line}
        </li>
      ))}
    </ul>
  );
}
