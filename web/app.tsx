import { useEffect, useState } from 'preact/hooks';
import type { QueryApi } from './api.ts';
import { ClusterPage } from './cluster-page.tsx';
import { CoveragePage } from './coverage-page.tsx';
import { FailuresPage } from './failures-page.tsx';
import { Overview } from './overview.tsx';

/** The page is in the address's fragment, so that every view can be linked to. */
export function App({ api }: { readonly api: QueryApi }) {
  const [path, setPath] = useState(location.hash);
  const [reading, setReading] = useState(0);
  useEffect(() => {
    const follow = () => {
      setPath(location.hash);
      scrollTo(0, 0);
    };
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  return (
    <>
      <header>
        <a class="brand" href="#/">
          Ringfence
        </a>
        <nav>
          <a href="#/" aria-current={path === '' || path === '#/' ? 'page' : undefined}>
            Clusters
          </a>
          <a href="#/failures" aria-current={path === '#/failures' ? 'page' : undefined}>
            Failures
          </a>
          <a href="#/coverage" aria-current={path === '#/coverage' ? 'page' : undefined}>
            Coverage
          </a>
        </nav>
        <button type="button" onClick={() => setReading(reading + 1)}>
          Read again
        </button>
      </header>
      <main key={`${path} ${reading}`}>{pageAt(path, api)}</main>
    </>
  );
}

function pageAt(path: string, api: QueryApi) {
  if (path.startsWith('#/clusters/')) return <ClusterPage api={api} uid={decoded(path.slice('#/clusters/'.length))} />;
  if (path === '#/failures') return <FailuresPage api={api} />;
  if (path === '#/coverage') return <CoveragePage api={api} />;
  return <Overview api={api} />;
}

/** A fragment that a person mangled names no cluster; the page then says so. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
