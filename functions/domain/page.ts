/** Where a list goes on; made by the store, opaque to everybody else. */
export type Position = Readonly<Record<string, unknown>>;

/** A part of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  /** Where the list goes on after each item. */
  readonly after: readonly Position[];
  /** Undefined: there is nothing more. */
  readonly next?: Position;
}

export interface PageRequest {
  readonly limit: number;
  readonly from?: Position;
}
