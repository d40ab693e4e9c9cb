import type { Backup } from '../backups/record/backup.ts';
import { parseBackupName } from '../backups/record/backup-name.ts';
import type { Reason } from './reason.ts';

/**
 * Why a file is neither judged nor removed; undefined: a rule decides about it.
 *
 * @param now One that is later was made while the clock was wrong. It is left alone until then, or it would be the newest
 *   of all and displace those that are.
 */
export function whyLeftAlone(
  backup: Backup,
  { now, links }: { readonly now: Date; readonly links: ReadonlySet<string> },
): Reason | undefined {
  const { state, problem = '', name, path, startedAt } = backup;
  if (state === 'unverified') return { rule: 'no-manifest', text: 'it has no manifest' };
  if (state === 'damaged' || state === 'unreadable') return { rule: state, text: problem };
  if (parseBackupName(name) === undefined)
    return { rule: 'own-name', text: 'its name was not given by dbbackup' };
  if (links.has(path)) return { rule: 'link', text: 'it is a link' };
  if (new Date(startedAt) > now) return { rule: 'future', text: 'its time is in the future' };
  return undefined;
}
