import { spawnSync } from 'node:child_process';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { shellQuote } from '#domain/shell.ts';

/** The words that a shell makes of a command line. */
function wordsOf(line: string): readonly string[] {
  const { stdout, status } = spawnSync('sh', ['-c', `printf '%s\\0' ${line}`], { encoding: 'utf8' });
  expect(status).toBe(0);
  return stdout.split('\0').slice(0, -1);
}

describe('a word of a command line', () => {
  test.each(['shop', 'subnet-1', 'IpProtocol=tcp,FromPort=443', '10.0.0.0/8', 'user@host:/x', '%2F'])(
    '%s stays bare',
    (text) => {
      expect(shellQuote(text)).toBe(text);
    },
  );

  test('whatever it holds, a shell reads it as that word and runs nothing', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.constantFrom('$(id)', '`id`', 'a;id', "a'b", "'; id; '", 'rg (x)', '', '~', '*', 'a\nid', '-x', '"', '\\'),
          fc.string({ maxLength: 30 }).map((text) => text.replaceAll('\0', '')),
        ),
        async (text) => {
          expect(wordsOf(`before ${shellQuote(text)} after`)).toEqual(['before', text, 'after']);
        },
      ),
      { numRuns: 150 },
    );
  });
});
