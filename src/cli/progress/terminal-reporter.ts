import ora from 'ora';
import type { Paint } from '../render/text/paint.ts';
import { safeLines } from '../render/text/safe-text.ts';
import { withLocalTimes } from '../render/text/quantities.ts';
import { wrapped } from '../render/text/wrap.ts';
import { progressLine } from './progress-line.ts';
import type { ProgressReporter } from './progress-reporter.ts';

/** The text is rebuilt at most this often, whatever the rate of events. */
const REFRESH_MS = 100;

/** At a terminal: a spinner with step, percent, bytes, rate and time left; everything else stands above it. */
export function terminalReporter(
  stderr: NodeJS.WritableStream,
  options: {
    readonly now: () => Date;
    readonly verbose: boolean;
    readonly paint: Paint;
    readonly color: boolean;
    readonly width: number;
  },
): ProgressReporter {
  const { now, verbose, paint, width } = options;
  const progress = progressLine();
  const spinner = ora({
    stream: stderr,
    isEnabled: true, // whether stderr is a terminal was decided by the caller
    discardStdin: false, // ora would take over Ctrl-C; see `cancellation.ts`
    color: options.color ? 'cyan' : false,
  });
  let refreshedMs = 0;
  // Lines may be written while it spins: ora clears its own, and draws it again below.
  const line = (text: string): void => {
    stderr.write(`${withLocalTimes(text)}\n`);
  };
  const pause = (): void => {
    spinner.stop();
  };
  return {
    begin(headline, options) {
      progress.begin(headline, options);
      spinner.start(progress.text());
    },
    onProgress(event) {
      const at = now();
      progress.take(event, at);
      if (event.kind === 'warning')
        line(wrapped(`${paint.caution('warning:')} ${safeLines(event.message)}`, width));
      if (event.kind === 'note') line(wrapped(safeLines(event.message), width));
      if (event.kind === 'detail' && verbose) line(paint.faint(safeLines(event.message)));
      if (event.kind === 'bytes' && at.getTime() - refreshedMs < REFRESH_MS) return;
      refreshedMs = at.getTime();
      spinner.text = progress.text();
    },
    note: line,
    succeed(text) {
      pause();
      line(`${paint.good('✔')} ${safeLines(text)}`);
    },
    pause,
    resume() {
      spinner.start(progress.text());
    },
  };
}
