import {
  OPTION_GROUPS,
  type OptionFileEntry,
  type OptionFileRequest,
  type OptionFiles,
} from './read-option-files.ts';
import { normalizeOptionName } from './parse-option-file.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What MySQL's program writes in place of a password, unless it is asked with `-s`. */
const MASKED = '*****';
const SOURCE = 'the option files, as my_print_defaults reads them';

/**
 * Lets the client programs' own reader decide: it knows the compiled-in folders, and MySQL's also reads
 * ~/.mylogin.cnf. Our own reading names the source of every value, and stands where both agree.
 *
 * Not asked about a named `--defaults-file`: it is read the same, and MySQL's would let ~/.mylogin.cnf overrule it,
 * which is not what somebody means who names one file.
 *
 * @returns `own` itself where the program is not asked, is not installed, fails, or cannot read a file again.
 */
export async function confirmOptionFiles(
  own: OptionFiles,
  request: OptionFileRequest,
  env: Environment,
): Promise<OptionFiles> {
  if (own.consumed || request.defaultsFile !== undefined) return own;
  const text = await run(request, env);
  return text === undefined ? own : { ...own, entries: reconcile(own.entries, parseDefaults(text)) };
}

/** `--name=value` lines; a value with a newline continues on the next line. */
export function parseDefaults(text: string): readonly { name: string; value: string | undefined }[] {
  return text
    .replace(/\n$/, '')
    .split(/\n(?=--)/)
    .filter((line) => line.startsWith('--'))
    .map((line) => {
      const equals = line.indexOf('=');
      const name = normalizeOptionName(line.slice(2, equals === -1 ? undefined : equals)).name;
      return { name, value: equals === -1 ? undefined : line.slice(equals + 1) };
    });
}

/**
 * Keeps our entries whose last word the program confirms, replaces the values it reads differently, adds what
 * only it found, and drops what only we found. `[dbbackup]` entries stay: no client reads them but us.
 */
export function reconcile(
  own: readonly OptionFileEntry[],
  theirs: readonly { name: string; value: string | undefined }[],
): readonly OptionFileEntry[] {
  const last = new Map(theirs.map(({ name, value }) => [name, value]));
  const ownLast = new Map(own.map((entry) => [entry.name, entry.value]));
  const differs = (name: string): boolean =>
    last.get(name) !== ownLast.get(name) && !(last.get(name) === MASKED && ownLast.has(name));

  const kept = own.filter(({ group, name }) => last.has(name) || group.startsWith('dbbackup'));
  const fileIndex = Math.max(0, ...own.map((entry) => entry.fileIndex)) + 1;
  const added = [...last]
    .filter(([name, value]) => differs(name) && value !== MASKED)
    .map(([name, value]) => ({ group: 'client', name, value, loose: false, source: SOURCE, fileIndex }));
  return [...kept, ...added];
}

/** undefined: not installed, or it failed; our own reader has already refused what is wrong with the files. */
async function run(request: OptionFileRequest, env: Environment): Promise<string | undefined> {
  const files = [
    ...(request.extraFile === undefined ? [] : [`--defaults-extra-file=${request.extraFile}`]),
    ...(request.groupSuffix === undefined ? [] : [`--defaults-group-suffix=${request.groupSuffix}`]),
  ];
  const ask = (...show: string[]) => print([...files, ...show, ...OPTION_GROUPS], request, env);
  const text = await ask();
  // MySQL's shows passwords only with -s, which MariaDB's does not know.
  return text?.includes(`=${MASKED}`) === true ? ((await ask('-s')) ?? text) : text;
}

async function print(
  args: readonly string[],
  request: OptionFileRequest,
  env: Environment,
): Promise<string | undefined> {
  const { execa } = await import('execa');
  const result = await execa('my_print_defaults', args, {
    reject: false,
    stdin: 'ignore',
    extendEnv: false,
    env: childEnvironment(env, request.homeDirectory),
    timeout: 10_000,
    // Its handlers, once taken off, leave SIGXFSZ deadly, which Node ignores: `ulimit -f` would kill us without a
    // word.
    cleanup: false,
  });
  return result.exitCode === 0 ? result.stdout : undefined;
}

function childEnvironment(env: Environment, homeDirectory: string | undefined): Record<string, string> {
  const variables = { PATH: env['PATH'], HOME: homeDirectory };
  return Object.fromEntries(
    Object.entries(variables).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
