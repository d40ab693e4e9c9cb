import { DbBackupError, type ErrorCode } from '../../run/errors.ts';
import type { SignalName, Signals } from '../process/context.ts';
import { durationText } from '../render/text/quantities.ts';

const CODES = {
  SIGINT: 'interrupted',
  SIGTERM: 'terminated',
  SIGHUP: 'hangup',
} as const satisfies Record<SignalName, ErrorCode>;

/** Lets a run be ended from outside. Dispose it when the run is over: signals then do what they always do. */
export interface Cancellation extends Disposable {
  /** Aborted with a `DbBackupError`: `interrupted`, `terminated`, `hangup` or `timeout`. */
  readonly signal: AbortSignal;
  /** Ends the run after this long; undefined: never. */
  limit(timeoutMs: number | undefined): void;
}

/**
 * The first signal aborts and lets the run clean up; a second one ends the process at once.
 *
 * @param say Told once what is waited for; not called for a time limit, which needs no patience.
 */
export function watchCancellation(signals: Signals, say: (text: string) => void): Cancellation {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let signalled = false;
  const unlisten = signals.listen((name) => {
    if (signalled) {
      unlisten();
      signals.raise(name);
      return;
    }
    signalled = true;
    controller.abort(new DbBackupError(CODES[name], `Cancelled by ${name}.`));
    say('Stopping: the client programs end and what is unfinished is removed. A second signal ends at once.');
  });
  return {
    signal: controller.signal,
    limit(timeoutMs) {
      if (timeoutMs === undefined) return;
      timer = setTimeout(() => {
        controller.abort(
          new DbBackupError('timeout', `Stopped after ${durationText(timeoutMs)} (--timeout).`, {
            hint: 'If it waited for another session, SHOW PROCESSLIST names that. Else give it more time.',
          }),
        );
      }, timeoutMs);
      timer.unref(); // a run that is over does not wait for its limit
    },
    [Symbol.dispose]() {
      clearTimeout(timer);
      unlisten();
    },
  };
}
