import { DbBackupError } from '../../run/errors.ts';
import type { Given } from './given-text.ts';

/**
 * The URL of a check. Whoever knows it can report for the check, so no message repeats it.
 *
 * @throws {DbBackupError} `usage`.
 */
export function parsePingUrl(given: Given): URL {
  const url = URL.canParse(given.text) ? new URL(given.text) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol)) return url;
  throw new DbBackupError('usage', `${given.source} is not a URL that begins with http:// or https://.`, {
    hint: 'give the ping URL of the check, such as https://hc-ping.com/<uuid>',
  });
}
