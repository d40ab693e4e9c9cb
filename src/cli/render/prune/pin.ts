import { backupReference } from '../../../backups/record/backup.ts';
import type { PinOutcome } from '../../../prune/pin-backup.ts';
import { jsonDocument } from '../text/json.ts';
import { localTimeText } from '../text/quantities.ts';
import { safeText } from '../text/safe-text.ts';

/** `shop/manual_… is pinned until 2027-01-31: before the upgrade`. */
export function pinText({ backup, before }: PinOutcome): string {
  const reference = safeText(backupReference(backup));
  const { pin } = backup.manifest;
  if (pin === undefined)
    return before === undefined ? `${reference} was not pinned` : `${reference} is no longer pinned`;
  return `${reference} is ${pinnedText(pin)}`;
}

/** `pinned until 2027-01-31: before the upgrade`. */
export function pinnedText({ until, reason }: NonNullable<PinOutcome['before']>): string {
  const day = until === undefined ? '' : ` until ${localTimeText(until).slice(0, 10)}`;
  return `pinned${day}${reason === undefined ? '' : `: ${safeText(reason)}`}`;
}

/** The `--json` document. */
export function pinDocument({ backup, before }: PinOutcome): string {
  const { name, database, path, manifest } = backup;
  return jsonDocument('pin', 0, { name, database, path, pin: manifest.pin, before });
}
