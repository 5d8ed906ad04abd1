import { printable } from '#domain/printable.ts';
import type { Progress } from '../local/runtime.ts';

/** One line on stderr, rewritten in place, and only on a terminal: results go to stdout alone. */
export function progress(stream: NodeJS.WriteStream = process.stderr) {
  let shown = false;
  const clear = () => {
    if (shown) stream.write('\r\u001b[2K');
  };
  // The state survives a process that ends anywhere; the half-drawn line should not stay before the prompt.
  const interrupted = () => {
    clear();
    process.exit(130);
  };
  process.once('SIGINT', interrupted);
  return {
    update: ({ done, planned, report }: Progress) => {
      if (!stream.isTTY) return;
      shown = true;
      const bar = planned === 0 ? '' : `${'█'.repeat(Math.round((done / planned) * 20)).padEnd(20, '░')} `;
      const text = `${bar}${done}/${planned} targets${report === undefined ? '' : `  ${report.target.id} ${report.status}`}`;
      stream.write(`\r\u001b[2K${printable(text).slice(0, (stream.columns ?? 80) - 1)}`);
    },
    stop: () => {
      process.off('SIGINT', interrupted);
      clear();
    },
  };
}
