import type { Page, PageRequest, Position } from '#domain/page.ts';
import { Problem } from './problem.ts';

/** Makes a position opaque and tamper-proof, bound to the request it came from; `unseal` gives undefined for anything else. */
export interface CursorSeal {
  readonly seal: (position: Position, binding: string) => string;
  readonly unseal: (cursor: string, binding: string) => Position | undefined;
}

/** A request as the use case sees it: path below the host, and the query as it was sent. */
export interface QueryRequest {
  readonly path: string;
  readonly query: URLSearchParams;
}

const DEFAULT_LIMIT = 100;
export const LONGEST_LIMIT = 500;
/** Bytes of a text that becomes a key: DynamoDB refuses keys above 2,048, and no provider's id comes near. */
const LONGEST_KEY = 1_024;

/** Reads and checks the query parameters of one request, and makes the cursors of its answer. */
export class Parameters {
  readonly #request: QueryRequest;
  readonly #cursors: CursorSeal;

  constructor(request: QueryRequest, allowed: readonly string[], cursors: CursorSeal) {
    this.#request = request;
    this.#cursors = cursors;
    const names = [...request.query.keys()];
    const unknownName = names.find((name) => !allowed.includes(name));
    if (unknownName !== undefined)
      throw new Problem(
        400,
        `unknown parameter ${unknownName}${allowed.length > 0 ? `; ${request.path} knows ${allowed.join(', ')}` : ''}`,
      );
    const repeated = names.find((name, index) => names.indexOf(name) !== index);
    if (repeated !== undefined) throw new Problem(400, `${repeated} is given more than once`);
  }

  text(name: string): string | undefined {
    const value = this.#request.query.get(name) ?? undefined;
    if (value !== undefined && isTooLong(value)) throw new Problem(400, `${name} is longer than ${LONGEST_KEY} bytes`);
    return value;
  }

  oneOf<const T extends string>(name: string, values: readonly T[]): T | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const found = values.find((known) => known === value);
    if (found === undefined) throw new Problem(400, `${name} must be one of ${values.join(', ')}`);
    return found;
  }

  limit(): number {
    const value = this.text('limit');
    if (value === undefined) return DEFAULT_LIMIT;
    const limit = /^\d{1,4}$/.test(value) ? Number(value) : 0;
    if (limit < 1 || limit > LONGEST_LIMIT) throw new Problem(400, `limit must be a number from 1 to ${LONGEST_LIMIT}`);
    return limit;
  }

  position(): Position | undefined {
    const cursor = this.#request.query.get('cursor');
    if (cursor === null) return undefined;
    const position = this.#cursors.unseal(cursor, this.#binding());
    if (position === undefined) throw new Problem(400, 'the cursor is not valid for this request');
    return position;
  }

  page(): PageRequest {
    const from = this.position();
    return { limit: this.limit(), ...(from === undefined ? {} : { from }) };
  }

  nextCursor(position: Position | undefined): { readonly nextCursor?: string } {
    return position === undefined ? {} : { nextCursor: this.#cursors.seal(position, this.#binding()) };
  }

  /** One page of a store's list, as the API shows it. */
  async list<T>(name: string, read: (page: PageRequest) => Promise<Page<T>>, show: (item: T) => unknown) {
    const { items, next } = await read(this.page());
    return { [name]: items.map(show), ...this.nextCursor(next) };
  }

  /** One page of a list that is at hand, in the order of its keys. */
  slice<T>(name: string, items: readonly T[], keyOf: (item: T) => string) {
    const { limit, from } = this.page();
    const after = typeof from?.['after'] === 'string' ? from['after'] : undefined;
    const left = items
      .map((item) => ({ item, key: keyOf(item) }))
      .sort((a, b) => (a.key < b.key ? -1 : 1))
      .filter(({ key }) => after === undefined || key > after);
    const page = left.slice(0, limit);
    const last = left.length > limit ? page.at(-1) : undefined;
    return {
      [name]: page.map(({ item }) => item),
      ...this.nextCursor(last === undefined ? undefined : { after: last.key }),
    };
  }

  /** A cursor belongs to its own path and filters: anywhere else it is refused. */
  #binding(): string {
    const filters = [...this.#request.query].filter(([name]) => name !== 'cursor' && name !== 'limit').sort();
    return JSON.stringify([this.#request.path, filters]);
  }
}

export function isTooLong(key: string): boolean {
  return new TextEncoder().encode(key).length > LONGEST_KEY;
}
