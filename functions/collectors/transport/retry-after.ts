const DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? \S/;

/**
 * `Retry-After` in milliseconds from `now` (RFC 9110, 10.2.3): whole seconds, or a date in one of the three forms of 5.6.7. Anything else
 * is as if nothing was sent; a date that has passed is zero.
 */
export function retryAfterOf(header: string | null | undefined, now: number): number | undefined {
  const value = header?.trim() ?? '';
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  if (!DATE.test(value)) return undefined;
  // The oldest form, asctime, carries no zone and is always in UTC.
  const date = Date.parse(value.endsWith('GMT') ? value : `${value} GMT`);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
