import { Help } from 'commander';
import { EXIT_CODES } from '../../run/errors.ts';
import { COMMAND_NAMES, COMMANDS } from '../commands/command-table.ts';
import {
  CONNECTING,
  groupOf,
  SETTING_ROWS,
  type SettingGroup,
  type SettingRow,
} from '../../settings/table/settings-of-command.ts';

const MAIN_EXAMPLES = [
  ['dbbackup create shop', 'back up one database'],
  ['dbbackup list', 'list the backups'],
  ['dbbackup restore shop/latest', 'show the plan, ask, then restore'],
  ['dbbackup create -A -q --dir /var/backups/mysql > /dev/null', 'a nightly cron job for all databases'],
] as const;

/** `dbbackup --help`: usage, commands, settings, examples, exit codes. */
export function renderMainHelp(columns: number): string {
  const settings = (group: SettingGroup): Item[] =>
    SETTING_ROWS.filter((row) => groupOf(row) === group && row.flags !== '').map((row) => [
      row.flags,
      settingHelp(row),
    ]);
  return [
    'Backs up and restores MySQL and MariaDB databases.\n',
    'Usage: dbbackup <command> [options]\n',
    section(
      'Commands',
      COMMAND_NAMES.map((name) => [`${name} ${COMMANDS[name].operands}`, COMMANDS[name].summary]),
      columns,
    ),
    section(
      `Connection (${[...CONNECTING].join(', ')})`,
      [...settings('connection'), ...withoutFlag()],
      columns,
    ),
    section(
      'Everywhere',
      [...settings('everywhere'), ['-h, --help', 'help'], ['-V, --version', 'print the version']],
      columns,
    ),
    renderExamples(MAIN_EXAMPLES),
    section(
      'Exit codes',
      Object.entries(EXIT_CODES).map(([name, { exitCode, when }]) => [
        `${String(exitCode).padStart(3)} ${name}`,
        when,
      ]),
      columns,
    ),
    "Run 'dbbackup <command> --help' for details.\n",
  ].join('\n');
}

/** The examples of a command, each with what it does. */
export function renderExamples(examples: readonly (readonly [command: string, what: string])[]): string {
  return `Examples:\n${examples.map(([command, what]) => `  # ${what}\n  ${command}\n`).join('')}`;
}

/** A setting in help: what it is, what holds without it, where else it can be given. */
export function settingHelp(row: SettingRow): string {
  const notes = [
    ...(row.default === undefined ? [] : [`default: ${row.default}`]),
    ...(row.env === undefined ? [] : [`env: ${row.env}${row.envFile === true ? '[_FILE]' : ''}`]),
  ];
  return notes.length === 0 ? row.help : `${row.help} (${notes.join(', ')})`;
}

/** Descriptions are wrapped down to this width; commander would stop at 40 and overflow the terminal. */
export const NARROWEST = 20;

type Item = readonly [term: string, description: string];

/** Settings that have no flag are named by their variable. */
function withoutFlag(): Item[] {
  return SETTING_ROWS.flatMap((row) =>
    row.flags === '' && row.env !== undefined
      ? [[row.envFile === true ? `${row.env}[_FILE]` : row.env, row.help]]
      : [],
  );
}

function section(heading: string, items: readonly Item[], columns: number): string {
  const help = new Help();
  help.prepareContext({ helpWidth: columns });
  help.minWidthToWrap = NARROWEST;
  const termWidth = Math.max(...items.map(([term]) => term.length));
  const lines = items.map(([term, text]) => help.formatItem(term, termWidth, text, help));
  return `${heading}:\n${lines.join('\n')}\n`;
}
