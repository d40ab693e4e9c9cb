// What the documentation takes from the code, so that it cannot differ from it.
import { format, resolveConfig } from 'prettier';
import { COMMAND_NAMES, COMMANDS } from '../../src/cli/commands/command-table.ts';
import { EXIT_CODES } from '../../src/run/errors.ts';
import { groupOf, SETTING_ROWS } from '../../src/settings/table/settings-of-command.ts';
import type { SettingGroup, SettingRow } from '../../src/settings/table/settings-of-command.ts';
import { PRODUCERS } from '../fixtures/programs/other-dumps.ts';

/** By the name in a page's `<!-- generated: name -->`: what stands between that line and `<!-- /generated -->`. */
const SECTIONS: Readonly<Record<string, () => string>> = {
  commands: () =>
    COMMAND_NAMES.map((name) => {
      const { operands, description } = COMMANDS[name];
      return `### ${name}\n\n\`dbbackup ${name} ${operands}\`\n\n${inMarkdown(description)}`;
    }).join('\n\n'),
  'own-settings': () => settingsTable('own'),
  'connection-settings': () => settingsTable('connection'),
  'general-settings': () => settingsTable('everywhere'),
  'exit-codes': () =>
    table(
      ['code', 'name', 'when'],
      Object.entries(EXIT_CODES).map(([name, { exitCode, when }]) => [
        String(exitCode),
        code(name),
        inMarkdown(when),
      ]),
    ),
  'other-programs': () =>
    table(
      ['program', 'releases'],
      PRODUCERS.map(({ name, releases }) => [name, releases.map(({ version }) => version).join(', ')]),
    ),
};

const SECTION = /^<!-- generated: (\S+) -->\n(?:.*\n)*?<!-- \/generated -->$/gm;

/** A page as the code has it today; one without generated sections comes back as it is. */
export async function withGenerated(page: string): Promise<string> {
  if (!page.includes('<!-- generated:')) return page;
  const text = page.replaceAll(SECTION, (_, name: string) => {
    const section = SECTIONS[name];
    if (section === undefined) throw new Error(`Nothing is generated under the name ${name}.`);
    return `<!-- generated: ${name} -->\n\n${section()}\n\n<!-- /generated -->`;
  });
  return format(text, { ...(await resolveConfig(import.meta.filename)), parser: 'markdown' });
}

/** Settings that say which option files are read, and so cannot stand in one. */
const NOT_IN_FILES: readonly string[] = [
  'defaults-file',
  'defaults-extra-file',
  'defaults-group-suffix',
  'profile',
];

function settingsTable(group: SettingGroup): string {
  const rows = SETTING_ROWS.filter((row) => groupOf(row) === group);
  const isOwn = group === 'own';
  return table(
    ['flag', ...(isOwn ? ['commands'] : []), 'variable', 'key in `[dbbackup]`', 'default', 'what'],
    rows.map((row) => [
      code(row.flags),
      ...(isOwn ? [commandsOf(row)] : []),
      code(row.env === undefined ? '' : `${row.env}${row.envFile === true ? '[_FILE]' : ''}`),
      code(row.flagOnly === true || NOT_IN_FILES.includes(row.key) ? '' : row.key),
      row.default ?? '',
      inMarkdown(row.help),
    ]),
  );
}

function commandsOf({ commands }: SettingRow): string {
  return typeof commands === 'string' ? commands : commands.join(', ');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function code(text: string): string {
  return text === '' ? '' : `\`${text}\``;
}

/** A sentence of help: what it has in angle brackets is no HTML, and options are code. */
function inMarkdown(text: string): string {
  return text.replaceAll(/--[a-z-]+|<[a-z]+>/g, '`$&`');
}
