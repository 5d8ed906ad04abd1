import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * Opaque, tamper-proof cursors: the position and the request that it belongs to are signed together, so that a forged cursor, and a cursor of
 * another query, are refused. The position itself holds keys of the table and no secret.
 */
export function cursorSeal(key: string) {
  const sign = (payload: string, binding: string) =>
    createHmac('sha256', key).update(`${binding}\n${payload}`).digest();
  return {
    seal: (position: Readonly<Record<string, unknown>>, binding: string): string => {
      const payload = Buffer.from(JSON.stringify(position)).toString('base64url');
      return `${payload}.${sign(payload, binding).toString('base64url')}`;
    },
    unseal: (cursor: string, binding: string): Readonly<Record<string, unknown>> | undefined => {
      const [payload = '', signature = '', ...rest] = cursor.split('.');
      const given = Buffer.from(signature, 'base64url');
      const expected = sign(payload, binding);
      if (rest.length > 0 || given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
      return JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as Readonly<Record<string, unknown>>;
    },
  };
}
