import type { RestorePlan } from '../restore/plan/restore-plan.ts';
import { DbBackupError } from '../run/errors.ts';

interface Confirmable extends Pick<RestorePlan, 'needsConfirmation'> {
  readonly target: Pick<RestorePlan['target'], 'database'>;
}

export function refuseUnconfirmed(
  confirmed: string | undefined,
  { target, needsConfirmation }: Confirmable,
  by = 'restoreBackup',
): void {
  const { database } = target;
  if (confirmed === database) return;
  const hint = `If ${database} may be replaced, pass it as \`confirm\` to ${by}().`;
  if (confirmed !== undefined) {
    throw new DbBackupError(
      'not-confirmed',
      `\`confirm\` names "${confirmed}", but the restore replaces "${database}". Nothing was touched.`,
      { hint },
    );
  }
  if (!needsConfirmation) return;
  throw new DbBackupError(
    'not-confirmed',
    `Restoring replaces what ${database} holds, and that was not confirmed. Nothing was touched.`,
    { hint },
  );
}

/** What the program throws is its answer, not a bug of ours. */
export async function askProgram<T extends Confirmable>(
  confirm: (plan: T) => Promise<void> | void,
  plan: T,
): Promise<void> {
  try {
    await confirm(plan);
  } catch (cause) {
    if (cause instanceof DbBackupError) throw cause;
    throw new DbBackupError(
      'not-confirmed',
      `The calling program did not confirm the restore into ${plan.target.database}. Nothing was touched.`,
      { cause },
    );
  }
}
