import type { SlackPost } from './slack.ts';

const EMOJI: Readonly<Record<string, string>> = {
  ':red_circle:': '🔴',
  ':large_orange_circle:': '🟠',
  ':large_yellow_circle:': '🟡',
  ':large_blue_circle:': '🔵',
  ':white_circle:': '⚪',
  ':white_check_mark:': '✅',
};

/** A message as a person sees it in Slack, drawn with characters. */
export function renderSlack({ blocks }: SlackPost, width: number): string {
  const lines = blocks.flatMap((block): readonly string[] => {
    const text = block.text?.text ?? block.elements?.map((element) => element.text).join('  ') ?? '';
    if (block.type === 'divider') return ['─'.repeat(Math.min(width - 4, 40))];
    const plain = readable(text)
      .split('\n')
      .flatMap((line) => fold(line, width - 4));
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
    .replaceAll(/^> /gm, '  ┃ ');
}

function fold(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = `    ${word}`;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
