import type { RestorePlan } from '../../restore/plan/restore-plan.ts';
import type { ToConfirm } from '../../restore/request.ts';
import { DbBackupError } from '../../run/errors.ts';
import { shellWord } from '../../run/shell-command.ts';
import { countText } from '../render/text/quantities.ts';
import { safeText } from '../render/text/safe-text.ts';

/** What confirming needs of the outside. */
export interface Confirming {
  /** The value of `--confirm`. */
  readonly given: string | undefined;
  /** Prompts on the terminal; undefined when there is none. */
  readonly ask: ((question: string) => Promise<string>) | undefined;
  /** The user's command with `--confirm` and the target's name. */
  readonly commandWith: (target: ToConfirm) => string;
}

/** A typo is asked about again; an empty answer means no. */
const TRIES = 3;

/**
 * The same for several databases with one prompt: `--confirm`, or what is typed, has the names of all that are
 * replaced, with commas between them; names of others in the file may be among them.
 *
 * @throws {DbBackupError} as `confirmation`.
 */
export function confirmationOfAll({
  given,
  ask,
  commandWith,
}: Omit<Confirming, 'commandWith'> & {
  /** The user's command with `--confirm` and this value. */
  readonly commandWith: (names: string) => string;
}): (databases: readonly Pick<ToConfirm, 'target' | 'needsConfirmation'>[]) => Promise<void> {
  return async (databases): Promise<void> => {
    const all = databases.map(({ target }) => target.database);
    const replaced = databases
      .filter(({ needsConfirmation }) => needsConfirmation)
      .map(({ target }) => target.database);
    const names = replaced.join(',');
    const isMeant = (text: string): boolean => text !== '' && namesAll(text, replaced, all);
    if (given !== undefined) {
      if (isMeant(given)) return;
      throw new DbBackupError(
        'not-confirmed',
        replaced.length === 0
          ? `--confirm names "${given}", which is not in the file. Nothing was touched.`
          : `--confirm names "${given}", but the restore replaces ${replaced.join(', ')}. Nothing was touched.`,
        {
          hint: `if that is intended, add --confirm ${shellWord(replaced.length === 0 ? all.join(',') : names)}`,
        },
      );
    }
    if (replaced.length === 0) return;
    if (ask === undefined) {
      throw new DbBackupError(
        'not-confirmed',
        `Restoring replaces what ${replaced.join(', ')} ${replaced.length === 1 ? 'holds' : 'hold'}, and there is no terminal to confirm on. Nothing was touched.`,
        { hint: commandWith(names) },
      );
    }
    const question = `Type the names of the databases to replace, separated by commas (${replaced.map(safeText).join(',')}):`;
    for (let tries = 1; ; tries += 1) {
      const typed = await ask(tries === 1 ? question : `The names do not match. ${question}`);
      if (isMeant(typed)) return;
      if (typed !== '' && tries < TRIES) continue;
      throw new DbBackupError('not-confirmed', `You typed "${typed}", not "${names}". Nothing was touched.`);
    }
  };
}

/** Whether a list has all names of `needed`, and none that is not among `known`. A name may have commas in it. */
function namesAll(list: string, needed: readonly string[], known: readonly string[]): boolean {
  if (list === needed.join(',') || list === known.join(',')) return true;
  const named = new Set(list.split(',').map((name) => name.trim()));
  return needed.every((name) => named.has(name)) && [...named].every((name) => known.includes(name));
}

/**
 * Nothing in a database is replaced unless its name is typed at the prompt or given with `--confirm`. A `--confirm`
 * that names another database is refused even when the target is empty: the user means something else.
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
        `--confirm names "${given}", but the restore replaces "${database}". Nothing was touched.`,
        { hint: `if that is intended, add --confirm ${shellWord(database)}` },
      );
    }
    if (!needsConfirmation) return;
    if (ask === undefined) {
      throw new DbBackupError(
        'not-confirmed',
        `Restoring replaces what ${database} holds, and there is no terminal to confirm on. Nothing was touched.`,
        { hint: commandWith(asked) },
      );
    }
    await askForName(database, `Type the name of the database to replace (${safeText(database)}):`, ask);
  };
}

/**
 * For statements that no dump program writes, which somebody must have seen: `--confirm` does not stand for that.
 *
 * @throws {DbBackupError} `not-confirmed` when there are any.
 */
export function refuseUnasked({ allowedCount, target }: Allowing): void {
  if (allowedCount === 0) return;
  throw new DbBackupError(
    'not-confirmed',
    `Before statements that no dump program writes are run, --allow-unsafe shows them and asks, and there is no terminal to ask on; --confirm does not cover them. ${target.database} was not touched.`,
    { hint: 'Run the restore at a terminal, without --no-input and --json.' },
  );
}

/**
 * Asks for the name once more before such statements are run.
 *
 * @throws {DbBackupError} as `confirmation`.
 */
export async function confirmAllowed(
  { allowedCount, target: { database } }: Allowing,
  ask: (question: string) => Promise<string>,
): Promise<void> {
  if (allowedCount === 0) return;
  const what = countText(allowedCount, 'statement');
  const question = `To run the ${what} above, type its name again (${safeText(database)}):`;
  await askForName(database, question, ask);
}

type Allowing = Pick<RestorePlan, 'allowedCount' | 'target'>;

async function askForName(
  database: string,
  question: string,
  ask: (question: string) => Promise<string>,
): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    const typed = await ask(tries === 1 ? question : `The name does not match. ${question}`);
    if (typed === database) return;
    if (typed !== '' && tries < TRIES) continue;
    throw new DbBackupError('not-confirmed', `You typed "${typed}", not "${database}". Nothing was touched.`);
  }
}
