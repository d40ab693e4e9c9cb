import { DbBackupError } from '../../run/errors.ts';
import type { FlagValues, SettingKey } from '../table/settings-table.ts';
import { longFlag, settingRow } from '../table/settings-of-command.ts';

/** A setting's text and where it came from, so that a complaint can name the place to change. */
export interface Given {
  readonly text: string;
  /** `--compress`, `DBBACKUP_COMPRESS`, or the option file. */
  readonly source: string;
  /** Typed on this very command line. */
  readonly isFlag: boolean;
}

/** Looks one setting up; undefined when it was given nowhere. */
export type Lookup = (key: SettingKey) => Given | undefined;

/**
 * @param values Resolved: flags, then environment, then option files.
 * @param sources Where the resolver found values, by key; what it does not say is worked out.
 */
export function lookup(
  values: FlagValues,
  flags: FlagValues,
  env: Readonly<Record<string, string | undefined>>,
  sources: Readonly<Record<string, string>> = {},
): Lookup {
  return (key) => {
    const value = values[key];
    if (value === undefined) return undefined;
    const row = settingRow(key);
    const isFlag = flags[key] !== undefined;
    const fromEnv = row.env !== undefined && env[row.env] !== undefined ? row.env : undefined;
    const source = isFlag ? longFlag(row) : (sources[key] ?? fromEnv ?? `${key} in a [dbbackup] group`);
    return { text: value === true ? '' : value, source, isFlag };
  };
}

/** `--compress is "lzma"; it takes …` — names the setting by where it was given. */
export function badValue(given: Given, takes: string, hint?: string): DbBackupError {
  return new DbBackupError('usage', `${given.source} is "${given.text}"; it takes ${takes}.`, { hint });
}

/** Whether a switch is on. The resolver leaves out what an option file switches off. */
export function isOn(given: Given | undefined): boolean {
  return given !== undefined;
}
