import type { KeptOfDatabase } from '../../../jobs/record/keeping-job.ts';
import { sizeText, type TimeText } from '../text/quantities.ts';
import { safeText } from '../text/safe-text.ts';

/** `shop: its tables before the restore 7f3a (1.2 GB, in dbbackup_old_7f3a on db:3306) are kept until …`. */
export function keptText(
  { database, job, schema, sizeBytes, endpoint, until }: KeptOfDatabase,
  time: TimeText,
): string {
  const where = endpoint === undefined ? '' : ` on ${safeText(endpoint)}`;
  return `${safeText(database)}: its tables before the restore ${job} (${sizeText(sizeBytes)}, in ${schema}${where}) are kept until ${time(until)}.`;
}
