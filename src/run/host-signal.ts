import { DbBackupError } from './errors.ts';

/**
 * The signal of a program that calls the library may abort with any reason; the core and its job records know only
 * `interrupted` and `timeout`. The host's reason becomes the cause.
 */
export function cancellationBy(host: AbortSignal): AbortSignal {
  const controller = new AbortController();
  const abort = (): void => {
    controller.abort(cancellationFor(host.reason));
  };
  if (host.aborted) abort();
  else host.addEventListener('abort', abort, { once: true });
  return controller.signal;
}

function cancellationFor(reason: unknown): DbBackupError {
  if (reason instanceof DbBackupError) return reason;
  const isTimeout = reason instanceof Error && reason.name === 'TimeoutError';
  return isTimeout
    ? new DbBackupError('timeout', "Stopped by the calling program's time limit.", { cause: reason })
    : new DbBackupError('interrupted', 'Cancelled by the calling program.', { cause: reason });
}
