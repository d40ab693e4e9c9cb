import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { parseCommandLine } from '../../src/cli/arguments/parse-command-line.ts';
import { COMMAND_NAMES, COMMANDS } from '../../src/cli/commands/command-table.ts';
import { CONNECTING, SETTING_ROWS, settingsOf } from '../../src/settings/table/settings-of-command.ts';
import type { SettingRow } from '../../src/settings/table/settings-of-command.ts';
import { DbBackupError, EXIT_CODES } from '../../src/run/errors.ts';
import { PRODUCERS } from '../fixtures/programs/other-dumps.ts';

const README = await readFile(new URL('../../README.md', import.meta.url), 'utf8');

/** Settings that say which option files are read, and so cannot stand in one. */
const NOT_IN_FILES: readonly string[] = ['defaults-file', 'defaults-extra-file', 'defaults-group-suffix'];

describe('README', () => {
  test('has every setting as the code has it, in the same order', () => {
    expect(tableBetween('settings')).toEqual([
      ['flag', 'variable', 'key in `[dbbackup]`', 'commands', 'default', 'what'],
      ...SETTING_ROWS.map((row) => [
        code(row.flags),
        code(row.env === undefined ? '' : `${row.env}${row.envFile === true ? '[_FILE]' : ''}`),
        code(row.flagOnly === true || NOT_IN_FILES.includes(row.key) ? '' : row.key),
        commandsOf(row),
        row.default ?? '',
        row.help,
      ]),
    ]);
  });

  test('has every exit code as the code has it, in the same order', () => {
    expect(tableBetween('exit-codes')).toEqual([
      ['code', 'name', 'when'],
      ...Object.entries(EXIT_CODES).map(([name, { exitCode, when }]) => [String(exitCode), code(name), when]),
    ]);
  });

  test('has every program whose dumps the tests restore, with its releases', () => {
    expect(tableBetween('other-programs')).toEqual([
      ['program', 'releases'],
      ...PRODUCERS.map(({ name, releases }) => [name, releases.map(({ version }) => version).join(', ')]),
    ]);
  });

  test('has a section for each command', () => {
    for (const name of COMMAND_NAMES) expect(README).toContain(`\n### ${name}\n`);
  });

  test('shows commands in its shell, cron and CI examples', () => {
    expect(shownCommands().length).toBeGreaterThan(25);
  });

  test.each(shownCommands())('shows a command line that is understood: dbbackup %s', (line) => {
    expect(() => parseCommandLine(words(line), 80)).not.toThrow(DbBackupError);
  });
});

describe.each(COMMAND_NAMES)('%s --help', (name) => {
  const parsed = parseCommandLine([name, '--help'], 400);
  const help = parsed.kind === 'help' ? parsed.text : '';

  test('begins with the usage, says what the command does, and ends with its examples', () => {
    const { operands, description, examples } = COMMANDS[name];

    expect(help).toMatch(new RegExp(`^Usage: dbbackup ${name} `));
    expect(help).toContain(operands);
    expect(help).toContain(description);
    for (const [command, what] of examples) expect(help).toContain(`  # ${what}\n  ${command}\n`);
  });

  test.each(settingsOf(name).filter(({ flags }) => flags !== ''))('mentions $flags', (row) => {
    const line = help.split('\n').find((each) => each.trimStart().startsWith(`${row.flags} `)) ?? '';

    expect(line).toContain(row.help);
    if (row.default !== undefined) expect(line).toContain(`default: ${row.default}`);
    if (row.env !== undefined) expect(line).toContain(row.env);
  });

  test('mentions no option of other commands', () => {
    const own = settingsOf(name).map(({ key }) => key);
    for (const { key, flags } of SETTING_ROWS.filter((row) => row.flags !== '' && !own.includes(row.key))) {
      expect(help, key).not.toContain(`${flags} `);
    }
  });

  test.each(COMMANDS[name].examples)('has an example that is understood: %s', (command) => {
    expect(() => parseCommandLine(words(command.replace(/^dbbackup /, '')), 80)).not.toThrow(DbBackupError);
  });
});

/** The cells of the table between `<!-- name -->` and `<!-- /name -->`, without the line below the head. */
function tableBetween(name: string): readonly (readonly string[])[] {
  const [, text = ''] = new RegExp(`<!-- ${name} -->\n(.*)<!-- /${name} -->`, 's').exec(README) ?? [];
  const rows = text.split('\n').filter((line) => line.startsWith('|'));
  return rows
    .filter((line) => !/^[|\s-]+$/.test(line))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

function code(text: string): string {
  return text === '' ? '' : `\`${text}\``;
}

function commandsOf({ commands }: SettingRow): string {
  if (commands === 'all') return 'all';
  return commands === 'connecting' ? [...CONNECTING].join(', ') : commands.join(', ');
}

/** What follows `dbbackup` in the shell, cron and CI examples, up to a comment, a pipe or a redirection. */
function shownCommands(): readonly string[] {
  const blocks = [...README.matchAll(/^```(?:sh|console|cron|yaml)\n(.*?)^```/gms)].map(
    ([, text = '']) => text,
  );
  const lines = blocks.join('').split('\n');
  return lines.flatMap((line) => {
    const [, shown] =
      /^(?:\$ |[\d*\s]+root\s+|\s+(?:- )?(?:run: )?npx --yes )?dbbackup ((?:create|restore|list|status|verify|doctor|--).*)$/.exec(
        line,
      ) ?? [];
    return shown === undefined ? [] : [shown];
  });
}

/** As a shell splits a simple command; what comes after a comment, a pipe or a redirection is cut off. */
function words(line: string): readonly string[] {
  const [command = ''] = line.split(/ +#| +[|<>]| +2>/);
  return command.trim().split(/ +/);
}
