import { wrap } from '#formats/text.ts';
import type { SlackPost } from './slack.ts';

const EMOJI: Readonly<Record<string, string>> = {
  ':red_circle:': '🔴',
  ':large_orange_circle:': '🟠',
  ':large_yellow_circle:': '🟡',
  ':large_blue_circle:': '🔵',
  ':white_circle:': '⚪',
  ':white_check_mark:': '✅',
};

const QUOTE = '  ┃ ';

/** A message as a person sees it in Slack, drawn with characters. */
export function renderSlack({ blocks }: SlackPost, width: number): string {
  const lines = blocks.flatMap((block): readonly string[] => {
    const text = block.text?.text ?? block.elements?.map((element) => element.text).join('  ') ?? '';
    if (block.type === 'divider') return ['─'.repeat(Math.min(width - 4, 40))];
    const plain = readable(text)
      .split('\n')
      .flatMap((line) =>
        line.startsWith(QUOTE)
          ? wrap(line.slice(QUOTE.length), width - 4 - QUOTE.length, '').map((part) => `${QUOTE}${part}`)
          : wrap(line, width - 4, ''),
      );
    return block.type === 'header' ? [`▌${plain.join(' ')}`, ''] : plain;
  });
  return ['┌', ...lines.map((line) => `│ ${line}`), '└'].join('\n');
}

function readable(mrkdwn: string): string {
  let text = mrkdwn;
  for (const [code, sign] of Object.entries(EMOJI)) text = text.replaceAll(code, sign);
  return text
    .replaceAll(/<([^|>]+)\|([^>]+)>/g, '$2')
    .replaceAll(/[*_`](\S(?:.*?\S)?)[*_`]/g, '$1')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .replaceAll(/^> /gm, QUOTE);
}
