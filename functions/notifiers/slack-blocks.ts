import { type AlertDigest, type AlertEntry, type AlertMessage, type Delivery, gravestOpened } from '#domain/alert.ts';
import { CHANGE_WORDS } from '#domain/change.ts';
import { COMPOSITE, COVERAGE } from '#domain/finding.ts';
import { printable } from '#domain/printable.ts';
import type { Resource } from '#domain/resource.ts';
import { shortIds } from '#domain/short-ids.ts';
import type { Severity } from '#domain/verdict.ts';

/** Slack refuses a section of more than 3,000 characters and a message of more than 50 blocks. */
const LONGEST_SECTION = 2_900;
const LONGEST_HEADER = 150;
/** What notifications show; Slack itself takes 40,000 characters. */
const LONGEST_TEXT = 300;
/** A link that is cut is none: one that does not fit is left out. */
const LONGEST_LINK = 2_000;
const MOST_ENTRIES = 20;

type Text =
  | { readonly type: 'plain_text'; readonly text: string }
  | { readonly type: 'mrkdwn'; readonly text: string; readonly verbatim: true };

type Block =
  | { readonly type: 'header'; readonly text: Text }
  | { readonly type: 'section'; readonly text: Text }
  | { readonly type: 'context'; readonly elements: readonly Text[] }
  | { readonly type: 'divider' };

export interface SlackMessage {
  /** What notifications and screen readers show. */
  readonly text: string;
  readonly blocks: readonly Block[];
}

const MARK: Readonly<Record<Severity, string>> = {
  CRITICAL: ':red_circle:',
  HIGH: ':large_orange_circle:',
  MEDIUM: ':large_yellow_circle:',
  LOW: ':large_blue_circle:',
  INFORMATIONAL: ':white_circle:',
};

export function toSlack(delivery: Delivery, linkBase: string | undefined): SlackMessage {
  return delivery.kind === 'alert' ? alertMessage(delivery.alert, linkBase) : digestMessage(delivery.digest, linkBase);
}

function alertMessage(alert: AlertMessage, linkBase: string | undefined): SlackMessage {
  const title = `${alert.resource.name}: ${summary(alert.entries)}`;
  const worst = gravestOpened(alert);
  const shown = alert.entries.slice(0, MOST_ENTRIES);
  const more = alert.entries.length - shown.length;
  return {
    text: cut(escaped(`${worst === undefined ? '' : `${worst}: `}${title}`), LONGEST_TEXT),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: cut(printable(title), LONGEST_HEADER) } },
      { type: 'context', elements: [mrkdwn(place(alert.resource))] },
      ...shown.map((entry): Block => ({ type: 'section', text: mrkdwn(entryText(entry)) })),
      ...(more > 0 ? [{ type: 'context' as const, elements: [mrkdwn(`and ${more} more`)] }] : []),
      {
        type: 'context',
        elements: [mrkdwn([link(linkBase, alert.resource), `run ${escaped(alert.runId)}`].filter(Boolean).join(' · '))],
      },
    ],
  };
}

/** A target's only control is its coverage, which is lost and regained. */
function summary(entries: readonly AlertEntry[]): string {
  if (entries.every(({ control }) => control === COVERAGE)) return `coverage ${entries.map(wordOf).join(', ')}`;
  const opened = entries.filter(({ kind }) => kind !== 'closed').length;
  const closed = entries.length - opened;
  return [opened > 0 ? `${opened} failed` : '', closed > 0 ? `${closed} fixed` : ''].filter(Boolean).join(', ');
}

function wordOf({ control, kind }: AlertEntry): string {
  if (control === COVERAGE && kind === 'opened') return 'lost';
  return control === COVERAGE && kind === 'closed' ? 'regained' : CHANGE_WORDS[kind];
}

function entryText(entry: AlertEntry): string {
  const { kind, severity, control, title, message, proof, remediation } = entry;
  if (kind === 'closed')
    return `:white_check_mark: *${wordOf(entry)}* · \`${escaped(control)}\`\n${escaped(title)}\n${escaped(shortIds(message))}`;
  const lines = [
    `${MARK[severity]} *${severity} ${wordOf(entry)}* · \`${escaped(control)}\``,
    escaped(shortIds(message)),
    // What proves and fixes it are the other entries of the message.
    ...(proof === undefined || control === COMPOSITE ? [] : [`> ${escaped(shortIds(proof))}`]),
    ...(remediation === undefined || control === COMPOSITE ? [] : [`_Fix:_ ${escaped(remediation)}`]),
  ];
  return lines.join('\n');
}

function digestMessage(digest: AlertDigest, linkBase: string | undefined): SlackMessage {
  const title = digestTitle(digest);
  const totals = Object.entries(digest.bySeverity)
    .filter(([, count]) => count > 0)
    .map(([severity, count]) => `${MARK[severity as Severity]} ${count} ${severity}`)
    .join('   ');
  return {
    text: title,
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: cut(printable(title), LONGEST_HEADER) } },
      ...(digest.rules === undefined ? [] : [rulesSection(digest)]),
      { type: 'section', text: mrkdwn(totals === '' ? 'Nothing failed.' : totals) },
      ...(digest.worst.length === 0 ? [] : [{ type: 'divider' as const }]),
      ...digest.worst.map(
        ({ resource, severity, opened, key }): Block => ({
          type: 'section',
          text: mrkdwn(
            `${MARK[severity]} *${escaped(resource.name)}* · ${opened} failed\n${place(resource)}\n> ${escaped(shortIds(key))}`,
          ),
        }),
      ),
      {
        type: 'context',
        elements: [mrkdwn([link(linkBase, undefined), `run ${escaped(digest.runId)}`].filter(Boolean).join(' · '))],
      },
    ],
  };
}

function digestTitle({ opened, closed, resources, rules }: AlertDigest): string {
  if (rules === undefined)
    return `Ringfence: ${opened} failed on ${resources} resources${closed > 0 ? `, ${closed} fixed` : ''}`;
  const subject = resources === 1 ? '1 resource is' : `${resources} resources are`;
  return `Ringfence: ${subject} judged differently since version ${rules}`;
}

function rulesSection({ opened, closed }: AlertDigest): Block {
  const counts = `${opened} failed${closed > 0 ? `, ${closed} fixed` : ''}`;
  return {
    type: 'section',
    text: mrkdwn(
      `The rules changed, not the clusters: ${counts}. CHANGELOG.md says which controls judge differently and why.`,
    ),
  };
}

function place({ provider, account, region, type }: Resource): string {
  return [provider.toUpperCase(), `account ${account}`, region, type]
    .filter((part) => part !== '')
    .map(escaped)
    .join(' · ');
}

function link(base: string | undefined, resource: Resource | undefined): string {
  if (base === undefined) return '';
  const path =
    resource === undefined ? '/v1/findings?status=FAIL' : `/v1/findings?cluster=${encodeURIComponent(resource.uid)}`;
  return base.length + path.length > LONGEST_LINK ? '' : `<${base}${path}|findings>`;
}

/** Half a character at the end would make the whole message invalid, at every try. */
function cut(text: string, most: number): string {
  return text.slice(0, most).toWellFormed();
}

function mrkdwn(text: string): Text {
  // Not verbatim, Slack makes links of addresses and names in plain text: a provider's text must not lead anybody anywhere.
  return { type: 'mrkdwn', text: cut(text, LONGEST_SECTION), verbatim: true };
}

/** Slack's three control characters, the backtick, which ends a formatting of ours, and whatever breaks a line or turns the reading order. */
function escaped(text: string): string {
  return printable(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('`', "'");
}
