import { SETTINGS, type SettingKey } from './settings-table.ts';
import { type CommandName, type Setting } from './setting.ts';

/** A row of the settings table, seen through one type. */
export interface SettingRow extends Setting {
  readonly key: SettingKey;
}

export const SETTING_ROWS: readonly SettingRow[] = SETTINGS;

/** Commands that talk to a server. */
export const CONNECTING: ReadonlySet<CommandName> = new Set([
  'create',
  'restore',
  'undo',
  'verify',
  'doctor',
  'health',
]);

/** What the settings of a command are listed under in its help. */
export type SettingGroup = 'own' | 'connection' | 'everywhere';

export function groupOf(row: SettingRow): SettingGroup {
  if (row.commands === 'all') return 'everywhere';
  return row.commands === 'connecting' ? 'connection' : 'own';
}

/** The settings that a command takes: its own first, then the connection's, then those of every command. */
export function settingsOf(command: CommandName): readonly SettingRow[] {
  const takes = (row: SettingRow): boolean => {
    if (row.commands === 'all') return true;
    return row.commands === 'connecting' ? CONNECTING.has(command) : row.commands.includes(command);
  };
  const order: readonly SettingGroup[] = ['own', 'connection', 'everywhere'];
  return SETTING_ROWS.filter(takes).toSorted((a, b) => order.indexOf(groupOf(a)) - order.indexOf(groupOf(b)));
}

/** `--host` of `-H, --host <name>`; the key itself for a setting that has no flag. */
export function longFlag(row: SettingRow): string {
  return /--[a-z-]+/.exec(row.flags)?.[0] ?? row.key;
}

/** The row of a key; every key has one. */
export function settingRow(key: SettingKey): SettingRow {
  const row = SETTING_ROWS.find((candidate) => candidate.key === key);
  if (row === undefined) throw new Error(`no setting ${key}`);
  return row;
}
