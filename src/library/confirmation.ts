import type { RestorePlan } from '../restore/plan/restore-plan.ts';
import { DbBackupError } from '../run/errors.ts';

export function refuseUnconfirmed(
  confirmed: string | undefined,
  { target, needsConfirmation }: RestorePlan,
): void {
  const { database } = target;
  if (confirmed === database) return;
  const hint = `If ${database} may be replaced, pass it as \`confirm\` to restoreBackup().`;
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
export async function askProgram(
  confirm: (plan: RestorePlan) => Promise<void> | void,
  plan: RestorePlan,
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
