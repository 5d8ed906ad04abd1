import { describe, expect, test } from 'vitest';
import { toHtml } from '#formats/html.ts';
import { AKS, EVERY_STATUS, EXCEPTION, finding, SKIPPED, scan } from './scans.ts';

describe('HTML', () => {
  test('nothing that a provider sent becomes markup', () => {
    const evil = "\"><script>alert(1)</script><img src=x onerror='alert(2)'>";
    const html = toHtml(
      scan(
        finding({
          message: evil,
          control: evil,
          title: evil,
          remediation: evil,
          proof: [{ kind: 'fact', line: evil }],
          resource: { ...AKS, name: evil, uid: evil, account: evil, region: evil },
          fix: { commands: [evil], fragments: [{ language: 'yaml', code: evil }] },
          exception: { ...EXCEPTION, owner: evil, reason: evil },
        }),
      ),
    );
    expect(html).not.toMatch(/<script|<img/i);
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  });

  test('nor could it ask or run anything, were an escape ever forgotten', () => {
    expect(toHtml(scan(finding()))).toContain(
      `<meta http-equiv="content-security-policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">`,
    );
  });

  test('no name turns the order in which the page is read, and commands keep their lines', () => {
    const html = toHtml(scan(finding({ message: 'a\u202eb', fix: { commands: ['first', 'second'], fragments: [] } })));
    expect(html).toContain('a b');
    expect(html).toContain('<pre>first\nsecond</pre>');
  });

  test('asks nobody for anything: no script, no link, no address to load', () => {
    const html = toHtml(scan(...EVERY_STATUS));
    expect(html).not.toMatch(/<(script|link|iframe|img|object)\b|@import|url\(|\bsrc=|\bhref="(?!#r\d+")/i);
    expect(html).toContain('<meta charset="utf-8">');
  });

  test('open clusters come first, whatever the order of the findings', () => {
    const quiet = finding({ status: 'PASS', resource: { ...AKS, name: 'quiet' } });
    for (const order of [
      [quiet, finding()],
      [finding(), quiet],
    ]) {
      const html = toHtml(scan(...order));
      expect(html.indexOf('<h2>shop')).toBeGreaterThan(-1);
      expect(html.indexOf('<h2>shop')).toBeLessThan(html.indexOf('<h2>quiet'));
    }
  });

  test('one critical failure outweighs many small ones', () => {
    const small = ['a', 'b', 'c'].map((id) =>
      finding({ id, control: id, severity: 'LOW', resource: { ...AKS, name: 'untidy' } }),
    );
    const html = toHtml(scan(...small, finding()));
    expect(html.indexOf('<h2>shop')).toBeLessThan(html.indexOf('<h2>untidy'));
  });

  test('says what was not read, and why', () => {
    const html = toHtml(scan(finding()));
    expect(html).toContain('1 of 2 targets read completely');
    expect(html).toContain('azure:s2');
    expect(html).toContain('not allowed to list &lt;clusters&gt;');
  });

  test('a skipped target is named, and not among those that were to be read', () => {
    const { run, targets, findings } = scan(finding());
    const html = toHtml({ run, targets: [...targets, SKIPPED], findings });
    expect(html).toContain('1 of 2 targets read completely');
    expect(html).toContain('<b class="dim">skipped</b> <code>aws:555555555555</code> the account is SUSPENDED');
  });

  test('an accepted failure is marked with its owner and its end', () => {
    const html = toHtml(scan(finding({ exception: EXCEPTION })));
    expect(html).toContain('accepted by platform@example.com until 2027-03-31: until the VPN stands');
  });

  test('begins with every resource, its verdict and its failures, linked to the details', () => {
    const html = toHtml(scan(finding(), finding({ id: 'f9', control: 'closed-network' })));
    expect(html).toMatch(
      /<td><a href="#r0">shop<\/a><\/td><td> <span class="FAIL">open<\/span><\/td>.*<td>2<\/td><\/tr>/,
    );
    expect(html).toContain('<section id="r0"><h2>shop');
  });

  test('the verdict on the whole cluster stands beside its name', () => {
    const html = toHtml(scan(finding(), finding({ id: 'f9', control: 'closed-network' })));
    expect(html).toMatch(/<h2>shop <span class="FAIL">open<\/span>/);
  });
});
