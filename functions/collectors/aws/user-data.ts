import { gunzipSync } from 'node:zlib';
import { ABSENT } from '#domain/collected.ts';
import type { EksLaunchTemplate } from '#domain/evidence/eks.ts';

type Proxy = Pick<EksLaunchTemplate, 'setsProxy' | 'noProxy'>;

/** As the shell, systemd and cloud-init write it, and Bottlerocket's own `https-proxy`. */
const SETS = /\b(?:HTTPS?_PROXY|https?_proxy)["']?\s*[=:]|^\s*https-proxy\s*=/m;
/** The value ends with its quote or, without one, with the word. A list of Bottlerocket ends with its bracket. */
const EXCEPTIONS =
  /\b(?:NO_PROXY|no_proxy)["']?\s*[=:]\s*(?:"([^"\n]*)"|'([^'\n]*)'|([^\s"'\\;]*))|^\s*no-proxy\s*=\s*\[([^\]]*)\]/gm;
/** Another variable handed on says nothing of its own. */
const REFERENCE = /^\$\{?(?:NO_PROXY|no_proxy)\}?$/;
const LARGEST = 1_000_000;

/**
 * User data can hold secrets. Kept are whether it sets a proxy, and the addresses and names that go past it: what every one of its NO_PROXY settings names,
 * because each is for another program.
 */
export function proxyIn(userData: string | undefined): Proxy {
  if (userData === undefined) return { setsProxy: ABSENT, noProxy: ABSENT };
  const text = textOf(Buffer.from(userData, 'base64'));
  if (text === undefined) {
    const unread = { state: 'malformed', raw: 'compressed data that cannot be read' } as const;
    return { setsProxy: unread, noProxy: unread };
  }
  const lists = [...text.matchAll(EXCEPTIONS)]
    .map(([, double, single, plain, list]) => (double ?? single ?? plain ?? list ?? '').trim())
    .filter((value) => !REFERENCE.test(value))
    .map((value) =>
      value
        .split(/[,\s]+/)
        .map((entry) => entry.replaceAll(/["']/g, ''))
        .filter((entry) => entry !== ''),
    );
  const [first, ...others] = lists;
  return {
    setsProxy: { state: 'given', value: SETS.test(text) },
    noProxy:
      first === undefined
        ? { state: 'given', value: [] }
        : { state: 'given', value: first.filter((entry) => others.every((list) => list.includes(entry))) },
  };
}

/** cloud-init takes compressed user data too. */
function textOf(data: Buffer): string | undefined {
  if (data[0] !== 0x1f || data[1] !== 0x8b) return data.toString('latin1');
  try {
    return gunzipSync(data, { maxOutputLength: LARGEST }).toString('latin1');
  } catch {
    // Cut short, or larger than any user data.
    return undefined;
  }
}
