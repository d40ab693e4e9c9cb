// The manual pages, from the same tables as help and docs/settings.md.
import { COMMAND_NAMES, COMMANDS } from '../../src/cli/commands/command-table.ts';
import { settingHelp } from '../../src/cli/arguments/help.ts';
import { EXIT_CODES } from '../../src/run/errors.ts';
import {
  groupOf,
  SETTING_ROWS,
  settingsOf,
  type SettingGroup,
  type SettingRow,
} from '../../src/settings/table/settings-of-command.ts';
import type { CommandName } from '../../src/settings/table/setting.ts';

export interface ManualPage {
  readonly name: string;
  /** Roff, with the macros of man(7). */
  readonly text: string;
}

/**
 * dbbackup.1, and a page for each command.
 *
 * @param day `2026-11-28`, which the pages bear.
 */
export function manualPages(version: string, day: string): readonly ManualPage[] {
  const head = (name: string): string =>
    `.TH ${name.toUpperCase()} 1 ${day} ${quoted(`dbbackup ${version}`)} "User Commands"`;
  return [
    { name: 'dbbackup.1', text: page(head('dbbackup'), mainSections()) },
    ...COMMAND_NAMES.map((name) => ({
      name: `${pageOf(name)}.1`,
      text: page(head(pageOf(name)), sectionsOf(name)),
    })),
  ];
}

type Section = readonly [heading: string, ...lines: readonly string[]];

function mainSections(): readonly Section[] {
  const rows = (group: SettingGroup): readonly SettingRow[] =>
    SETTING_ROWS.filter((row) => groupOf(row) === group && row.flags !== '');
  return [
    ['NAME', line('dbbackup - back up and restore MySQL and MariaDB databases')],
    ['SYNOPSIS', '.B dbbackup', '.I command', line('[options]')],
    [
      'DESCRIPTION',
      line('Backs up and restores MySQL and MariaDB databases. Each command has a page of its own.'),
    ],
    [
      'COMMANDS',
      ...COMMAND_NAMES.flatMap((name) =>
        item(`dbbackup ${name} ${COMMANDS[name].operands}`, COMMANDS[name].summary),
      ),
    ],
    [
      'OPTIONS',
      line('Every command takes these:'),
      ...rows('everywhere').flatMap(setting),
      ...item('-h, --help', 'help'),
      ...item('-V, --version', 'print the version'),
    ],
    [
      'CONNECTION',
      line('Commands that talk to a server take these:'),
      ...rows('connection').flatMap(setting),
    ],
    [
      'ENVIRONMENT',
      line('A flag comes first, then its variable, then its key in [dbbackup] of the MySQL option files.'),
      ...SETTING_ROWS.flatMap((row) =>
        row.env === undefined
          ? []
          : item(row.envFile === true ? `${row.env}, ${row.env}_FILE` : row.env, row.help),
      ),
    ],
    [
      'EXIT STATUS',
      ...Object.entries(EXIT_CODES).flatMap(([name, { exitCode, when }]) =>
        item(`${exitCode} ${name}`, when),
      ),
    ],
    ['SEE ALSO', ...seeAlso(COMMAND_NAMES.map(pageOf))],
  ];
}

function sectionsOf(name: CommandName): readonly Section[] {
  const { operands, summary, description, examples } = COMMANDS[name];
  return [
    ['NAME', line(`${pageOf(name)} - ${summary}`)],
    ['SYNOPSIS', `.B dbbackup ${name}`, line(`[options] ${operands}`)],
    ['DESCRIPTION', line(description)],
    [
      'OPTIONS',
      ...settingsOf(name)
        .filter(({ flags }) => flags !== '')
        .flatMap(setting),
      ...item('-h, --help', 'help'),
    ],
    [
      'EXAMPLES',
      ...examples.flatMap(([command, what]) => [
        '.PP',
        line(`${what}:`),
        '.PP',
        '.RS 4',
        '.nf',
        line(command),
        '.fi',
        '.RE',
      ]),
    ],
    ['EXIT STATUS', line('0 when all that was asked for is done; dbbackup(1) has the others.')],
    ['SEE ALSO', ...seeAlso(['dbbackup'])],
  ];
}

function pageOf(command: CommandName): string {
  return `dbbackup-${command}`;
}

function page(head: string, sections: readonly Section[]): string {
  // A paragraph at the start of a section is one too many.
  const inSection = ([heading, ...lines]: Section): readonly string[] => [
    `.SH ${quoted(heading)}`,
    ...(lines[0] === '.PP' ? lines.slice(1) : lines),
  ];
  return `${[head, ...sections.flatMap(inSection)].join('\n')}\n`;
}

function setting(row: SettingRow): readonly string[] {
  return item(row.flags, settingHelp(row));
}

function item(term: string, text: string): readonly string[] {
  return ['.TP', `.B ${quoted(term)}`, line(text)];
}

function seeAlso(names: readonly string[]): readonly string[] {
  return names.map((name, index) => `.BR ${escaped(name)} (1)${index < names.length - 1 ? ' ,' : ''}`);
}

/** One line of text: nothing in it is a request, and a hyphen can be copied. */
function line(text: string): string {
  return escaped(text).replace(/^[.']/, '\\&$&');
}

/** An argument of a macro. */
function quoted(text: string): string {
  return `"${escaped(text).replaceAll('"', '""')}"`;
}

function escaped(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll("'", '\\(aq')
    .replaceAll('`', '\\(ga')
    .replaceAll('~', '\\(ti')
    .replaceAll('^', '\\(ha');
}
