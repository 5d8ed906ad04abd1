import type { QueryApi } from './api.ts';
import { groupFailures, place } from './arrange.ts';
import { FindingRow } from './finding-row.tsx';
import { Read } from './parts.tsx';

/** Resources shown at once: whoever has more mends the worst first. */
const RESOURCES = 100;

/** Every failure, whatever it is about: clusters, accounts, inventories, and targets that were not read. */
export function FailuresPage({ api }: { readonly api: QueryApi }) {
  return (
    <Read from={api.failures}>
      {(failures) => {
        const groups = groupFailures(failures);
        return (
          <>
            <h1>Failures</h1>
            <p class="dim">
              {failures.length === 0
                ? 'Nothing fails.'
                : `${failures.length} on ${groups.length} resources, the gravest first.`}
              {groups.length > RESOURCES && ` The first ${RESOURCES} resources are shown.`}
            </p>
            {groups.slice(0, RESOURCES).map(({ resource, findings }) => (
              <section key={resource.uid} aria-label={resource.name}>
                <h2>{resource.name}</h2>
                <p class="dim">
                  {place(resource)} <code>{resource.uid}</code>
                </p>
                {findings.map((finding) => (
                  <FindingRow key={finding.id} finding={finding} api={api} opened={false} />
                ))}
              </section>
            ))}
          </>
        );
      }}
    </Read>
  );
}
