import { describe, expect, test } from 'vitest';
import { parseCommandLine } from '../../../../src/cli/arguments/parse-command-line.ts';
import { COMMAND_NAMES, COMMANDS } from '../../../../src/cli/commands/command-table.ts';
import { renderMainHelp, settingHelp } from '../../../../src/cli/arguments/help.ts';
import { SETTING_ROWS, settingRow, settingsOf } from '../../../../src/settings/table/settings-of-command.ts';
import { DbBackupError, EXIT_CODES } from '../../../../src/run/errors.ts';

test('lists every command, connection setting and exit code', () => {
  const help = renderMainHelp(100);

  for (const name of Object.keys(COMMANDS)) expect(help).toMatch(new RegExp(`^  ${name} `, 'm'));
  for (const [name, { exitCode }] of Object.entries(EXIT_CODES))
    expect(help).toContain(`${exitCode} ${name}`);
  expect(help).toContain('-S, --socket <path>');
  expect(help).toContain('DBBACKUP_PASSWORD[_FILE]');
});

test('keeps to the width of the terminal', () => {
  for (const line of renderMainHelp(72).split('\n')) expect(line.length).toBeLessThanOrEqual(72);
});

test('says what holds without a setting and where else it can be given', () => {
  expect(settingHelp(settingRow('dir'))).toBe('backup directory (default: ./backups, env: DBBACKUP_DIR)');
  expect(settingHelp(settingRow('json'))).toBe('print one JSON document on stdout');
});

test('gives each command two to four examples', () => {
  for (const { examples } of Object.values(COMMANDS)) {
    expect(examples.length).toBeGreaterThanOrEqual(2);
    expect(examples.length).toBeLessThanOrEqual(4);
  }
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
    const own = settingsOf(name).map(({ flags }) => flags);
    for (const { key, flags } of SETTING_ROWS.filter((row) => row.flags !== '' && !own.includes(row.flags))) {
      expect(help, key).not.toContain(`${flags} `);
    }
  });

  test.each(COMMANDS[name].examples)('has an example that is understood: %s', (command) => {
    expect(() => parseCommandLine(wordsOf(command), 80)).not.toThrow(DbBackupError);
  });
});

/** What stands behind `dbbackup`, up to a pipe. */
function wordsOf(example: string): readonly string[] {
  const [command = ''] = example.replace(/^dbbackup /, '').split(/ +[|>]/);
  return command.split(/ +/);
}
