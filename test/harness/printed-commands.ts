// The commands that a run prints for its user to type, and what holds for every one of them.
import { execFileSync } from 'node:child_process';
import { isAbsolute } from 'node:path';
import { parseCommandLine } from '../../src/cli/arguments/parse-command-line.ts';
import { COMMAND_NAMES } from '../../src/cli/commands/command-table.ts';
import { SETTING_ROWS } from '../../src/settings/table/settings-of-command.ts';
import type { ProgramResult } from './running-program.ts';

/** Where a command begins: at the start of a line, behind a label, or behind a pipe. */
const BEGINS = new RegExp(
  String.raw`(?:^|[|:] |\s{2})((?:npx )?dbbackup (?:${COMMAND_NAMES.join('|')})(?: .*|$))`,
);
/** What was typed, as jobs, locks and logs record it: no advice. */
const IS_RECORD = /^\s*command\s| begins: |\(dbbackup /;
/** `<database>`, `<job>`, `…`: forms, which nobody types as they are. */
const IS_FORM = /<[a-z][a-z -]*>|…/;

/** Commands of a text, as its user would copy them: whole lines, from `dbbackup` on; more where a quoted name has lines. */
export function commandsOf(text: string): readonly string[] {
  const lines = text.split('\n');
  return lines.flatMap((line, index) => {
    const [, begun] = (IS_RECORD.test(line) ? undefined : BEGINS.exec(line)) ?? [];
    if (begun === undefined || IS_FORM.test(begun)) return [];
    let command = begun;
    for (let next = index + 1; isOpen(command) && next < lines.length; next++) command += `\n${lines[next]!}`;
    return [command.trimEnd()];
  });
}

/** Whether a single quote waits for its end. */
function isOpen(command: string): boolean {
  return /^(?:[^'\\]|\\.|'[^']*')*'[^']*$/s.test(command);
}

/** Commands that a run has printed on stdout, in its JSON document too, and on stderr. */
export function printedCommands({ stdout, stderr }: ProgramResult): readonly string[] {
  const texts = [...textsOf(stdout), stderr];
  return [...new Set(texts.flatMap(commandsOf))];
}

function textsOf(stdout: string): readonly string[] {
  try {
    return stringsIn(JSON.parse(stdout));
  } catch {
    return [stdout];
  }
}

function stringsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => (key === 'command' ? [] : stringsIn(each)));
}

/** What a shell takes apart at the spaces, and in no other way. */
const IS_PLAIN = /^[\w@%+=:,./ -]+$/;

/** The words of a command behind the program's name, as a POSIX shell takes them apart. */
export function wordsOf(command: string): readonly string[] {
  // Most are, and a shell for each would take longer than all else that is looked at after a test.
  if (IS_PLAIN.test(command)) return command.replace(/^npx /, '').split(/ +/).slice(1);
  const script = `dbbackup() { printf '%s\\0' "$@"; }; npx() { shift; dbbackup "$@"; }; ${command}`;
  return execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8', env: { PATH: '/nowhere' } })
    .split('\0')
    .slice(0, -1);
}

/** Settings whose values are paths. */
const PATHS = SETTING_ROWS.filter(({ flags }) => /<(?:file|folder|path)>/.test(flags)).map(({ key }) => key);

/**
 * @param isCorrection What was typed, as it was meant: for the same folder and shell.
 * @returns what is wrong with a printed command: it must do the same from any folder.
 */
export function faultsOf(command: string, isCorrection: boolean): readonly string[] {
  let words: readonly string[];
  try {
    words = wordsOf(command);
  } catch (error) {
    return [`no shell takes it: ${String(error)}`];
  }
  try {
    const line = parseCommandLine(words, 80);
    if (line.kind !== 'run' || isCorrection) return [];
    const { flags } = line;
    const faults = PATHS.filter((key) => {
      const value = flags[key];
      return typeof value === 'string' && value !== '-' && !isAbsolute(value);
    }).map((key) => `its --${key} depends on the folder`);
    return flags.dir === undefined ? [...faults, 'it does not say the backup directory'] : faults;
  } catch (error) {
    return [(error as Error).message];
  }
}
