/** A table or view that the server cannot open, so that no dump tool can dump it. */
export interface BrokenObject {
  readonly kind: 'table' | 'view';
  readonly name: string;
  /** The server's own words. */
  readonly reason: string;
}

const OBJECTS_SHOWN = 5;

/** `the view turnover (View … references invalid …) and 3 more`. */
export function namedBroken(broken: readonly BrokenObject[]): string {
  const shown = broken
    .slice(0, OBJECTS_SHOWN)
    .map(({ kind, name, reason }) => `the ${kind} ${name} (${reason.replace(/[.\s]+$/, '')})`);
  const more = broken.length - shown.length;
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** What to do about them where a backup has to be complete. */
export function repairHint(broken: readonly BrokenObject[]): string {
  return `No backup was made. The server cannot open ${namedBroken(broken)}. Repair or drop it, or skip it with --skip-broken.`;
}
