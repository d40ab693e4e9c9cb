import type { Runtime } from '../../run/runtime.ts';

/**
 * Tells of events that the server took and does not have: it drops such as will never run again, unless they say
 * ON COMPLETION PRESERVE, and gives no more than a note of it. No statement makes one.
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
