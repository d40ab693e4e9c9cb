import type { Warning } from '../../run/warning.ts';
import path from 'node:path';
import type { OptionFileEntry } from '../option-files/read-option-files.ts';
import { type Given, RANK } from './choose-endpoint.ts';
import type { FlagValues } from '../table/settings-table.ts';
import type { Runtime } from '../../run/runtime.ts';

/** What the parts of `resolveSettings()` share: where to look, and what they have found. */
export interface Resolution {
  readonly flags: FlagValues;
  readonly runtime: Pick<Runtime, 'env' | 'cwd' | 'homeDirectory' | 'userName'>;
  readonly entries: readonly OptionFileEntry[];
  /** DATABASE_URL and MYSQL_*: variables that are not ours. */
  readonly foreignVariables: Runtime['env'];
  /** Filled as values are found. */
  readonly warnings: Warning[];
  readonly sources: Record<string, string>;
  /** Why a given URL is not used: `DATABASE_URL is ignored because of --host`. */
  readonly unusedUrl: string[];
  /** Flags that give a further command the same password: where it is, or that it must be prompted for. */
  readonly passwordFlags: string[];
}

/** The value of a variable that is not ours; empty means not set. */
export function variable(name: string, { foreignVariables }: Resolution): Given | undefined {
  const value = foreignVariables[name];
  return value === undefined || value === '' ? undefined : { value, source: name, rank: RANK.mysqlVariable };
}

/** Children run elsewhere: paths are relative to the user's directory. */
export function absolute(file: string, { runtime }: Resolution): string {
  return path.resolve(runtime.cwd, file);
}
