import type { PinRequest } from '../../../prune/pin-backup.ts';
import { DbBackupError } from '../../../run/errors.ts';
import { refuseNonName } from '../../../settings/values/database-names.ts';
import { parseDirectory } from '../../../settings/values/destination.ts';
import { isOn, type Lookup } from '../../../settings/values/given-text.ts';
import { parseUntil } from '../../../settings/values/retention/until.ts';

/** What the user asked `pin` for, checked. @throws {DbBackupError} `usage`. */
export function pinRequest(
  reference: string | undefined,
  given: Lookup,
  { cwd, program }: { readonly cwd: string; readonly program: string },
): PinRequest {
  if (reference === undefined) {
    throw new DbBackupError('usage', 'No backup given.', {
      hint: `${program} pin <backup>; ${program} list shows what there is`,
    });
  }
  refuseNonName(reference, 'The backup to pin');
  const [until, reason, remove] = [given('until'), given('reason'), isOn(given('remove'))];
  if (remove && (until ?? reason) !== undefined) {
    throw new DbBackupError('usage', `${(until ?? reason)?.source ?? ''} and --remove were both given.`, {
      hint: 'use only one of them',
    });
  }
  return {
    reference,
    directory: parseDirectory(given('dir'), cwd),
    database: undefined,
    pin: remove ? undefined : { until: until && parseUntil(until), reason: reason?.text },
  };
}
