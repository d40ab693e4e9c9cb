import { DbBackupError, type ErrorCode } from '../../run/errors.ts';
import type { SignalName, Signals } from '../process/context.ts';
import { durationText } from '../render/text/quantities.ts';

const CODES = {
  SIGINT: 'interrupted',
  SIGTERM: 'terminated',
  SIGHUP: 'hangup',
} as const satisfies Record<SignalName, ErrorCode>;

/** Lets a run be ended from outside. Dispose it when the run is over: signals then have their usual effect. */
export interface Cancellation extends Disposable {
  /** Aborted with a `DbBackupError`: `interrupted`, `terminated`, `hangup` or `timeout`. */
  readonly signal: AbortSignal;
  /** Aborted by a signal alone: somebody waits for the end. */
  readonly hurry: AbortSignal;
  /** Ends the run after this long, counted from now; undefined: never. */
  limit(timeoutMs: number | undefined): void;
}

/**
 * The first signal aborts and lets the run clean up; a second one ends the process immediately.
 *
 * @param say Called once to say that cleaning up takes a moment; not called for a time limit.
 */
export function watchCancellation(signals: Signals, say: (text: string) => void): Cancellation {
  const controller = new AbortController();
  const hurry = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let signalled = false;
  const unlisten = signals.listen((name) => {
    if (signalled) {
      unlisten();
      signals.raise(name);
      return;
    }
    signalled = true;
    const reason = new DbBackupError(CODES[name], `Cancelled by ${name}.`);
    controller.abort(reason);
    hurry.abort(reason);
    say('Stopping: cleaning up. Signal again to quit immediately.');
  });
  return {
    signal: controller.signal,
    hurry: hurry.signal,
    limit(timeoutMs) {
      clearTimeout(timer);
      if (timeoutMs === undefined) return;
      timer = setTimeout(() => {
        controller.abort(
          new DbBackupError('timeout', `Stopped after ${durationText(timeoutMs)} (--timeout).`, {
            hint: 'If another session blocked it, find it with SHOW PROCESSLIST; otherwise raise --timeout.',
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
