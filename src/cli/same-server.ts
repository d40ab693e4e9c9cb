import type { FlagValues } from '../model/settings.ts';
import { groupOf, longFlag, SETTING_ROWS } from './setting-rows.ts';

/**
 * Arguments with which a further command (the undo command) reaches the same backup directory and server: the flags
 * that were typed for the server. What came from the environment or from files is there again next time.
 *
 * @param directory Absolute and always said: whoever reads a mail of cron stands in another folder than cron did.
 * @returns No secret: a password in a URL is left out, and asked for instead.
 */
export function sameServer(flags: FlagValues, directory: string): readonly string[] {
  const server = SETTING_ROWS.flatMap((row) => {
    const value = flags[row.key];
    if (value === undefined || groupOf(row) !== 'connection') return [];
    if (value === true) return [longFlag(row)];
    if (row.key !== 'url') return [longFlag(row), value];
    const url = withoutPassword(value);
    return url === value ? ['--url', url] : ['--url', url, '--ask-password'];
  });
  return ['--dir', directory, ...server];
}

/** `mysql://root:secret@db/shop` → `mysql://root@db/shop`. */
function withoutPassword(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/[^:/@]*):.*@/i, '$1@').replace(/([?&])password=[^&]*&?/i, '$1');
}
