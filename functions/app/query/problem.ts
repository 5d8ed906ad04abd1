/** A mistake of the caller, told as problem+json. */
export class Problem extends Error {
  readonly status: number;

  constructor(status: 400 | 404, message: string) {
    super(message);
    this.status = status;
  }
}

export interface QueryAnswer {
  readonly status: number;
  readonly contentType: 'application/json' | 'application/problem+json';
  readonly body: unknown;
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  404: 'Not found',
  405: 'Method not allowed',
  500: 'Internal error',
};

/** RFC 9457. */
export function problem(status: number, detail: string): QueryAnswer {
  const title = TITLES[status] ?? 'Error';
  return { status, contentType: 'application/problem+json', body: { type: 'about:blank', title, status, detail } };
}
