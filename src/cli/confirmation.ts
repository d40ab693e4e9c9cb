import type { ToConfirm } from '../core/restore.ts';
import { DbBackupError } from '../model/errors.ts';
import { shellWord } from '../model/shell-word.ts';
import { safeText } from './render/safe-text.ts';

/** What confirming needs of the outside. */
export interface Confirming {
  /** The value of `--confirm`. */
  readonly given: string | undefined;
  /** Asks on the terminal; undefined when nobody can be asked. */
  readonly ask: ((question: string) => Promise<string>) | undefined;
  /** The user's command with `--confirm` and the target's name. */
  readonly commandWith: (target: ToConfirm) => string;
}

/** A slip is asked about again; an empty answer is a no. */
const TRIES = 3;

/**
 * Nothing that a database holds is replaced without its name: typed at the prompt, or given with `--confirm`.
 * A `--confirm` that names another database is refused even when the target is empty: the user means something else.
 *
 * @throws {DbBackupError} `not-confirmed`, naming what was given and what was expected; `interrupted` for Ctrl-C.
 */
export function confirmation({ given, ask, commandWith }: Confirming): (target: ToConfirm) => Promise<void> {
  return async (asked): Promise<void> => {
    const { target, needsConfirmation } = asked;
    const { database } = target;
    if (given !== undefined) {
      if (given === database) return;
      throw new DbBackupError(
        'not-confirmed',
        `--confirm names "${given}", but the restore goes into "${database}". Nothing was touched.`,
        { hint: `if that is what you want: --confirm ${shellWord(database)}` },
      );
    }
    if (!needsConfirmation) return;
    if (ask === undefined) {
      throw new DbBackupError(
        'not-confirmed',
        `Restoring replaces what ${database} holds, and nobody can be asked here. Nothing was touched.`,
        { hint: commandWith(asked) },
      );
    }
    const question = `Type the name of the database to be replaced (${safeText(database)}):`;
    for (let tries = 1; ; tries += 1) {
      const typed = await ask(tries === 1 ? question : `That is not its name. ${question}`);
      if (typed === database) return;
      if (typed !== '' && tries < TRIES) continue;
      throw new DbBackupError(
        'not-confirmed',
        `You typed "${typed}", not "${database}". Nothing was touched.`,
      );
    }
  };
}
