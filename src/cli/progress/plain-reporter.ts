import type { Writable } from 'node:stream';
import { safeLines } from '../render/text/safe-text.ts';
import { progressLine } from './progress-line.ts';
import type { ProgressReporter } from './progress-reporter.ts';

/** Often enough that no CI server considers the run hung, rarely enough for a log. */
const HEARTBEAT_MS = 60_000;

/** For logs, cron and CI: timestamped lines at the start, at the end, and each minute between. */
export function plainReporter(
  stderr: Writable,
  options: { readonly now: () => Date; readonly verbose: boolean },
): ProgressReporter {
  const { now, verbose } = options;
  const progress = progressLine();
  const line = (text: string): void => {
    stderr.write(`${now().toISOString().slice(0, 19)}Z ${text}\n`);
  };
  let told = '';
  let heartbeat: NodeJS.Timeout | undefined;
  const pause = (): void => {
    clearInterval(heartbeat);
  };
  const resume = (): void => {
    heartbeat = setInterval(() => {
      line(progress.text());
    }, HEARTBEAT_MS);
    heartbeat.unref(); // a heartbeat must not keep the process alive
  };
  return {
    begin(headline, options) {
      pause();
      progress.begin(headline, options);
      told = progress.text();
      line(told);
      resume();
    },
    onProgress(event) {
      progress.take(event, now());
      if (event.kind === 'warning') line(`warning: ${safeLines(event.message)}`);
      if (event.kind === 'note') line(safeLines(event.message));
      if (event.kind === 'detail' && verbose) line(safeLines(event.message));
      if (event.kind === 'step' && (verbose || event.waits === true) && progress.text() !== told) {
        told = progress.text();
        line(told);
      }
    },
    note: line,
    succeed(text) {
      pause();
      line(safeLines(text));
    },
    pause,
    resume,
  };
}
