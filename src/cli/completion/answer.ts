import { resolveLocalSettings } from '../../settings/resolve-local-settings.ts';
import type { FlagValues } from '../../settings/table/settings-table.ts';
import { parseDirectory } from '../../settings/values/destination.ts';
import { lookup } from '../../settings/values/given-text.ts';
import type { Context } from '../process/context.ts';
import { printResult } from '../render/print-result.ts';
import { safeText } from '../render/text/safe-text.ts';
import { type Candidate, candidatesFor, type Completion } from './candidates.ts';
import { quoteForBash } from './quote-for-bash.ts';
import { typedLine } from './typed-words.ts';

/**
 * What the scripts of `dbbackup completion` ask at each Tab: `dbbackup __complete <shell> …`. Prints what fits for this
 * shell; nothing where anything fails, since a message would be written into the line that is being typed. No server is
 * asked, nothing is changed.
 *
 * @param args For bash the line up to the cursor and the end of it that is replaced; for the others the words behind the
 *   program's name, the one at the cursor last.
 */
export async function answerShell([shell, ...args]: readonly string[], context: Context): Promise<number> {
  const answer = shell === 'bash' ? forBash(args, context) : forOthers(shell, args, context);
  await printResult(context.stdout, await answer.catch(() => ''));
  return 0;
}

/** Fields that end in NUL: who completes paths, whether a blank follows, and the words, quoted. */
async function forBash([line = '', replaced = '']: readonly string[], context: Context): Promise<string> {
  const typed = typedLine(line, replaced);
  const { candidates, paths } = await find(typed, context);
  const words = candidates.map(({ value }) => quoteForBash(value.slice(typed.kept), typed.quote));
  const [first] = candidates;
  return fields(paths, candidates.length === 1 && goesOn(first) ? 'goes-on' : 'ends', ...words);
}

/**
 * For zsh, fields that end in NUL: who completes paths, and of each word itself, how it is shown, and whether a blank
 * follows. For fish, lines; a name that has a line end or a tab cannot be told to it.
 */
async function forOthers(
  shell: string | undefined,
  args: readonly string[],
  context: Context,
): Promise<string> {
  const typed = { before: args.slice(0, -1), current: args.at(-1) ?? '' };
  const { candidates, paths } = await find(typed, context);
  if (shell === 'zsh') {
    const shown = ({ value, what }: Candidate): string =>
      safeText(what === undefined ? value : `${value.padEnd(20)}  ${what}`);
    return fields(
      paths,
      ...candidates.flatMap((each) => [each.value, shown(each), goesOn(each) ? 'goes-on' : 'ends']),
    );
  }
  const tellable = candidates.filter(({ value }) => safeText(value) === value);
  return [paths, ...tellable.map(({ value, what }) => (what === undefined ? value : `${value}\t${what}`))]
    .map((line) => `${line}\n`)
    .join('');
}

function fields(...texts: readonly string[]): string {
  return texts.map((text) => `${text}\0`).join('');
}

/** A folder's name is followed by a backup's. */
function goesOn(candidate: Candidate | undefined): boolean {
  return candidate?.value.endsWith('/') === true;
}

async function find(typed: Parameters<typeof candidatesFor>[0], context: Context): Promise<Completion> {
  return candidatesFor(typed, (flags) => backupDirectory(flags, context), context);
}

/** As a run with these flags would find it. No shell has expanded `~` yet. */
async function backupDirectory(
  typed: FlagValues,
  { cwd, env, homeDirectory = '~' }: Context,
): Promise<string> {
  const expanded = Object.entries(typed).map(([key, value]) => [
    key,
    typeof value === 'string' ? value.replace(/^~(?=\/|$)/, () => homeDirectory) : value,
  ]);
  const flags = Object.fromEntries(expanded) as FlagValues;
  const { values } = await resolveLocalSettings(flags, { cwd, env, homeDirectory });
  return parseDirectory(lookup(values, flags, env)('dir'), cwd);
}
