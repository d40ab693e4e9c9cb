import type { Runtime } from '../../run/runtime.ts';

/**
 * Reports events that the server accepted but did not keep: it drops those that will never run again, unless they are
 * ON COMPLETION PRESERVE, and gives only a note. No statement can create one.
 */
export function warnOfExpiredEvents(
  events: readonly string[],
  database: string,
  { onProgress }: Pick<Runtime, 'onProgress'>,
): void {
  if (events.length === 0) return;
  const [what, which] = events.length === 1 ? ['The event', 'its'] : ['The events', 'their'];
  onProgress({
    kind: 'warning',
    message: `${what} ${events.join(', ')} of the backup could not be kept in ${database}: ${which} time has passed, and the server drops such events unless they are ON COMPLETION PRESERVE.`,
  });
}
