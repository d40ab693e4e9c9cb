import { Command, CommanderError, Option } from 'commander';
import type { FlagValues, SettingKey } from '../../settings/table/settings-table.ts';
import type { CommandName } from '../../settings/table/setting.ts';
import { COMMAND_NAMES, COMMANDS } from '../commands/command-table.ts';
import { NARROWEST, renderExamples, renderMainHelp, settingHelp } from './help.ts';
import { refuseHelpForHost } from './refuse-help-for-host.ts';
import { refusePasswordArguments } from './refuse-password-arguments.ts';
import {
  groupOf,
  settingsOf,
  SETTING_ROWS,
  type SettingGroup,
  type SettingRow,
} from '../../settings/table/settings-of-command.ts';
import { joinValues } from '../../settings/values/repeated.ts';
import { noCommandError, usageError } from './usage-error.ts';

/** What a command line asks for: a command to be run, or a text (help, version) to be printed. */
export type CommandLine =
  | {
      readonly kind: 'run';
      readonly command: CommandName;
      readonly operands: readonly string[];
      readonly flags: FlagValues;
    }
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'version' };

/**
 * Parses the arguments after `dbbackup`. Prints nothing.
 *
 * Without any argument it is the main help, as with gh and restic.
 *
 * @param columns Width that help is wrapped to.
 * @throws {DbBackupError} `usage`, with the near name where there is one.
 */
export function parseCommandLine(argv: readonly string[], columns: number): CommandLine {
  refusePasswordArguments(argv);
  refuseHelpForHost(argv);
  if (argv.length === 0) return { kind: 'help', text: renderMainHelp(columns) };

  let parsed: CommandLine | undefined;
  let printed = '';
  const program = createProgram(
    (run) => (parsed = run),
    (text) => (printed += text),
    columns,
    argv[0] !== undefined && isCommandName(argv[0]) ? [argv[0]] : COMMAND_NAMES,
  );
  try {
    program.parse(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === 'commander.version') return { kind: 'version' };
    // `dbbackup help` ends with the code that the process has at the moment, which is not 0 yet.
    if (error.exitCode === 0 || printed !== '') return { kind: 'help', text: printed };
    throw error.code === 'commander.help' ? noCommandError() : usageError(error, argv);
  }
  if (parsed === undefined) throw noCommandError();
  return parsed;
}

/**
 * The program that commander runs: all of it comes from the settings table and the table of commands.
 *
 * @param commands Those that the command line can mean: making the options of all takes longer than a short command.
 */
function createProgram(
  onRun: (run: CommandLine) => void,
  onText: (text: string) => void,
  columns: number,
  commands: readonly CommandName[],
): Command {
  const program = new Command('dbbackup')
    .configureHelp({ minWidthToWrap: NARROWEST })
    .exitOverride()
    .configureOutput({ writeOut: onText, writeErr: () => undefined, getOutHelpWidth: () => columns })
    .version('', '-V, --version', 'print the version')
    .helpCommand('help [command]', 'help for a command');
  for (const row of SETTING_ROWS) if (row.commands === 'all') program.addOption(toOption(row));
  program.helpInformation = () => renderMainHelp(columns);
  for (const name of commands) addCommand(program, name, onRun);
  return program;
}

function isCommandName(word: string): word is CommandName {
  return Object.hasOwn(COMMANDS, word);
}

function addCommand(program: Command, name: CommandName, onRun: (run: CommandLine) => void): void {
  const { operands, summary, description, examples } = COMMANDS[name];
  const command = program
    .command(`${name} ${operands}`)
    .summary(summary)
    .description(description)
    .addHelpText('after', () => `\n${renderExamples(examples)}`)
    .addHelpOption(new Option('-h, --help', 'this help').helpGroup(HEADINGS.everywhere));
  for (const row of settingsOf(name)) if (row.flags !== '') command.addOption(toOption(row));
  command.action(() => {
    onRun({ kind: 'run', command: name, operands: command.args, flags: givenFlags(name, command, program) });
  });
}

const HEADINGS: Readonly<Record<SettingGroup, string>> = {
  own: 'Options:',
  connection: 'Connection:',
  everywhere: 'Everywhere:',
};

function toOption(row: SettingRow): Option {
  const option = new Option(row.flags, settingHelp(row)).helpGroup(HEADINGS[groupOf(row)]);
  if (row.repeatable !== true) return option;
  return option.argParser((value: string, before: string | undefined) =>
    before === undefined ? value : joinValues(before, value),
  );
}

/**
 * Only what was typed, by setting key. A flag that was not given is absent, so that environment and files can
 * override the defaults. The options of every command are also the program's, so that they may stand before the
 * command.
 */
function givenFlags(name: CommandName, command: Command, program: Command): FlagValues {
  const flags: Partial<Record<SettingKey, string | true>> = {};
  for (const { flags: definition, key } of settingsOf(name)) {
    if (definition === '') continue;
    const attribute = new Option(definition).attributeName();
    const giver = [command, program].find((level) => level.getOptionValueSource(attribute) === 'cli');
    if (giver === undefined) continue;
    const value: unknown = giver.getOptionValue(attribute);
    flags[key] = typeof value === 'string' ? value : true; // false is what commander makes of --no-…
  }
  return flags;
}
