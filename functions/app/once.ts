/**
 * Makes a value at its first use and keeps it, for `forMs` at most where that is given. A promise that fails is forgotten, so that the next use tries
 * again.
 */
export function once<T>(make: () => T, forMs = Number.POSITIVE_INFINITY): () => T {
  let made: { readonly value: T; readonly at: number } | undefined;
  return () => {
    if (made !== undefined && Date.now() - made.at < forMs) return made.value;
    const value = make();
    const mine = { value, at: Date.now() };
    made = mine;
    if (value instanceof Promise) {
      value.catch(() => {
        if (made === mine) made = undefined;
      });
    }
    return value;
  };
}
