import { expect, test } from 'vitest';
import { COMMANDS } from '../../../../src/cli/commands/command-table.ts';
import { renderMainHelp, settingHelp } from '../../../../src/cli/arguments/help.ts';
import { settingRow } from '../../../../src/settings/table/settings-of-command.ts';
import { EXIT_CODES } from '../../../../src/run/errors.ts';

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
