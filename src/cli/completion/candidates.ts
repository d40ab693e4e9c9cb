import type { CommandName } from '../../settings/table/setting.ts';
import type { FlagValues, SettingKey } from '../../settings/table/settings-table.ts';
import {
  longFlag,
  settingsOf,
  SETTING_ROWS,
  type SettingRow,
} from '../../settings/table/settings-of-command.ts';
import type { ThisProcess } from '../../jobs/read-jobs.ts';
import { COMMAND_NAMES, COMMANDS } from '../commands/command-table.ts';
import { kindOfFlag, kindOfOperand, SHELLS, type ValueKind } from './value-kind.ts';
import { backupsIn, databasesIn, jobsIn, labelsIn } from './stored-names.ts';
import { undoableJobsIn } from './undoable-jobs.ts';
import type { TypedWords } from './typed-words.ts';

export interface Candidate {
  /** The whole word. */
  readonly value: string;
  readonly what?: string | undefined;
}

export interface Completion {
  readonly candidates: readonly Candidate[];
  /** What the shell itself completes, and in what: the words with `prefix` before them. */
  readonly paths: 'files' | 'folders' | 'none';
}

const NOTHING: Completion = { candidates: [], paths: 'none' };

/**
 * What may stand where the cursor is, all from the tables of commands and settings.
 *
 * @param directoryBy Resolves the backup directory, as a run with these flags would; asked only where names from it
 *   are wanted.
 * @param self Who asks: it is known from here whether a job still runs.
 */
export async function candidatesFor(
  words: TypedWords,
  directoryBy: (flags: FlagValues) => Promise<string>,
  self: ThisProcess,
): Promise<Completion> {
  const { current } = words;
  const typed = readBefore(words.before);
  const place: Place = { directory: () => directoryBy(typed.flags), self };
  if (typed.valueOf !== undefined)
    return fitting(await values(kindOfFlag(typed.valueOf), current, place), current);
  if (!typed.isAfterSeparator && current.startsWith('-')) {
    const [flag, value] = splitFlag(current);
    const row = value === undefined ? undefined : rowOf(typed.rows, flag);
    if (row === undefined || value === undefined) return fitting(flagsOf(typed), current);
    const found = fitting(await values(kindOfFlag(row), value, place), value);
    return {
      ...found,
      candidates: found.candidates.map((each) => ({ ...each, value: `${flag}=${each.value}` })),
    };
  }
  const kind =
    typed.command === undefined
      ? 'command'
      : kindOfOperand(typed.command, operandsOf(typed.command), typed.operands);
  const found = fitting(await values(kind, current, place), current);
  // A word that begins with a hyphen would be taken for a flag.
  const isWord = ({ value }: Candidate): boolean => typed.isAfterSeparator || !value.startsWith('-');
  return { ...found, candidates: found.candidates.filter(isWord) };
}

/** What the words before the cursor say. */
interface Typed {
  /** `help` takes the name of a command. */
  readonly command: CommandName | 'help' | undefined;
  /** How many operands of the command there are. */
  readonly operands: number;
  readonly flags: FlagValues;
  /** The settings that may be given here. */
  readonly rows: readonly SettingRow[];
  /** The word at the cursor is the value of this one. */
  readonly valueOf: SettingRow | undefined;
  /** Behind `--` nothing is a flag. */
  readonly isAfterSeparator: boolean;
}

function readBefore(before: readonly string[]): Typed {
  let command: Typed['command'];
  let rows: readonly SettingRow[] = SETTING_ROWS.filter((row) => row.commands === 'all');
  let operands = 0;
  let valueOf: SettingRow | undefined;
  let isAfterSeparator = false;
  const flags: Partial<Record<SettingKey, string | true>> = {};
  for (const word of before) {
    if (valueOf !== undefined) {
      flags[valueOf.key] = word;
      valueOf = undefined;
    } else if (word === '--' && !isAfterSeparator) {
      isAfterSeparator = true;
    } else if (!isAfterSeparator && word.startsWith('-') && word !== '-') {
      const [flag, value] = splitFlag(word);
      const row = rowOf(rows, flag);
      if (row === undefined) continue;
      if (value !== undefined || row.switch === true || row.optionalValue === true)
        flags[row.key] = value ?? true;
      else valueOf = row;
    } else if (command === undefined) {
      command = word === 'help' ? word : COMMAND_NAMES.find((name) => name === word);
      if (command === undefined)
        return { command: 'help', operands: 1, flags, rows, valueOf, isAfterSeparator };
      if (command !== 'help') rows = settingsOf(command);
    } else {
      operands += 1;
    }
  }
  return { command, operands, flags, rows, valueOf, isAfterSeparator };
}

/** `--compress=gzip` → `--compress`, `gzip`. */
function splitFlag(word: string): readonly [flag: string, value?: string] {
  const at = word.startsWith('--') ? word.indexOf('=') : -1;
  return at < 0 ? [word] : [word.slice(0, at), word.slice(at + 1)];
}

function rowOf(rows: readonly SettingRow[], flag: string): SettingRow | undefined {
  return rows.find((row) => row.flags.split(/[ ,]+/).includes(flag));
}

function operandsOf(command: CommandName | 'help'): string {
  return command === 'help' ? '[command]' : COMMANDS[command].operands;
}

/** Those that are not there yet, or may be given again. */
function flagsOf({ rows, flags, command }: Typed): Completion {
  const candidates = rows
    .filter((row) => row.flags !== '' && (flags[row.key] === undefined || row.repeatable === true))
    .map((row): Candidate => ({ value: longFlag(row), what: row.help }));
  const version = command === undefined ? [{ value: '--version', what: 'print the version' }] : [];
  return { candidates: [...candidates, { value: '--help', what: 'this help' }, ...version], paths: 'none' };
}

/** Where names are looked for. */
interface Place {
  readonly directory: () => Promise<string>;
  readonly self: ThisProcess;
}

async function values(kind: ValueKind, typed: string, { directory, self }: Place): Promise<Completion> {
  if (typeof kind === 'object') return named(kind.choices);
  switch (kind) {
    case 'command':
      return {
        candidates: [
          ...COMMAND_NAMES.map((name) => ({ value: name, what: COMMANDS[name].summary })),
          { value: 'help', what: 'help for a command' },
        ],
        paths: 'none',
      };
    case 'shell':
      return named(SHELLS);
    case 'database':
      return named(await databasesIn(await directory()));
    case 'backup':
      return { ...named(await backupsIn(await directory(), typed)), paths: 'files' };
    case 'label':
      return named(await labelsIn(await directory()));
    case 'job':
      return named(await jobsIn(await directory()));
    case 'undoable-job':
      return { candidates: await undoableJobsIn(await directory(), self), paths: 'none' };
    case 'file':
      return { candidates: [], paths: 'files' };
    case 'folder':
      return { candidates: [], paths: 'folders' };
    case 'other':
      return NOTHING;
  }
}

function named(names: readonly string[]): Completion {
  return { candidates: names.map((value) => ({ value })), paths: 'none' };
}

function fitting({ candidates, paths }: Completion, typed: string): Completion {
  return { candidates: candidates.filter(({ value }) => value.startsWith(typed)), paths };
}
