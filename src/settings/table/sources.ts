import type { Warning } from '../../run/warning.ts';
import path from 'node:path';
import {
  type OptionFileEntry,
  type OptionFileRequest,
  type OptionFiles,
} from '../option-files/read-option-files.ts';
import { readSecretFile } from './secret-file.ts';
import { type Given, RANK } from '../connection/choose-endpoint.ts';
import { DbBackupError } from '../../run/errors.ts';
import { nearNames } from '../../run/similar-names.ts';
import { isOn } from '../option-files/option-file-ssl.ts';
import { type FlagValues, type SettingKey, SETTINGS } from './settings-table.ts';
import { type Setting } from './setting.ts';
import { joinValues } from '../values/repeated.ts';
import type { Runtime } from '../../run/runtime.ts';
import { refuseUnknownVariables } from './unknown-variables.ts';

export type World = Pick<Runtime, 'env' | 'cwd' | 'homeDirectory'>;

const TABLE: readonly (Setting & { readonly key: SettingKey })[] = SETTINGS;
const BY_KEY = new Map(TABLE.map((setting) => [setting.key, setting]));

/** What decides which option files are read cannot stand in one. */
const NOT_IN_FILES: ReadonlySet<string> = new Set([
  'defaults-file',
  'defaults-extra-file',
  'defaults-group-suffix',
  'profile',
]);

/** Names that `[dbbackup]` shares with `[client]`, beyond our own settings. */
const CLIENT_OPTION = /^(?:protocol|(?:skip-|disable-|enable-)?(?:ssl|tls)(?:-.*)?|skip-password)$/;

/** The value of one setting from the command line or from its own environment variable. */
export function givenDirectly(key: SettingKey, flags: FlagValues, env: World['env']): Given | undefined {
  const setting = BY_KEY.get(key);
  const flag = flags[key];
  if (flag !== undefined) {
    const source = longFlag(setting?.flags ?? '');
    if (flag === '') {
      throw new DbBackupError('usage', `${source} is empty.`, {
        hint: `give ${source} a value, or leave it out`,
      });
    }
    return { value: flag === true ? 'true' : flag, source, rank: RANK.flag };
  }
  const value = setting?.env === undefined ? undefined : env[setting.env];
  // An empty variable is how CI systems and compose files write "not set".
  if (setting?.env === undefined || value === undefined || value === '') return undefined;
  return { value, source: setting.env, rank: RANK.environment };
}

/**
 * As `givenDirectly()`, for a secret: its variable may also name a file (`DBBACKUP_PASSWORD_FILE`).
 *
 * @param warnings Gets a line when others can read the file.
 * @throws {DbBackupError} `usage` when both are set, or the file cannot be read.
 */
export async function givenSecret(
  key: 'password' | 'url',
  flags: FlagValues,
  world: World,
  warnings: Warning[],
): Promise<(Given & { /** Absolute, when it came from one. */ readonly file?: string }) | undefined> {
  const direct = givenDirectly(key, flags, world.env);
  const variable = BY_KEY.get(key)?.env ?? '';
  const file = world.env[`${variable}_FILE`];
  if (file === undefined || file === '' || direct?.rank === RANK.flag) return direct;
  if (direct !== undefined) {
    throw new DbBackupError('usage', `${variable} and ${variable}_FILE are both set.`, {
      hint: 'unset one of them',
    });
  }
  const value = await secretFromFile(file, `${variable}_FILE`, world, warnings);
  return {
    value,
    source: `${variable}_FILE`,
    rank: RANK.environment,
    file: path.resolve(world.cwd, file),
  };
}

export async function secretFromFile(
  file: string,
  source: string,
  world: World,
  warnings: Warning[],
): Promise<string> {
  const { text, warning } = await readSecretFile(path.resolve(world.cwd, file), source);
  if (warning !== undefined) warnings.push(warning);
  return text;
}

/** Which option files apply, as flags and environment say. */
export function optionFileRequest(flags: FlagValues, world: World): OptionFileRequest {
  const file = (key: SettingKey): string | undefined => {
    const given = givenDirectly(key, flags, world.env);
    return given === undefined ? undefined : path.resolve(world.cwd, given.value);
  };
  return {
    defaultsFile: file('defaults-file'),
    extraFile: file('defaults-extra-file'),
    groupSuffix: groupSuffix(flags, world),
    profile: givenDirectly('profile', flags, world.env)?.value,
    homeDirectory: world.homeDirectory,
  };
}

/** A profile is a suffix that begins with `_`. */
function groupSuffix(flags: FlagValues, { env }: World): string | undefined {
  const suffix = givenDirectly('defaults-group-suffix', flags, env);
  const profile = givenDirectly('profile', flags, env);
  if (profile === undefined) return suffix?.value ?? env['MYSQL_GROUP_SUFFIX'];
  if (suffix === undefined || `_${profile.value}` === suffix.value) return `_${profile.value}`;
  throw new DbBackupError('usage', `${profile.source} and ${suffix.source} name different groups.`, {
    hint: `use only ${profile.source}: it is the same as the suffix _${profile.value}`,
  });
}

/** The last word of the option files on a name. */
export function givenInFiles(name: string, entries: readonly OptionFileEntry[]): Given | undefined {
  const entry = entries.findLast((candidate) => candidate.name === name && candidate.value !== undefined);
  if (entry?.value === undefined) return undefined;
  return { value: entry.value, source: entry.source, rank: RANK.firstOptionFile + entry.fileIndex };
}

/** All settings but those of the connection, with their sources: flag, variable, then `[dbbackup]`. */
export function plainSettings(
  flags: FlagValues,
  world: World,
  { entries }: OptionFiles,
): { values: FlagValues; sources: Record<string, string> } {
  const own = inOwnGroups(entries);
  refuseUnknown(own);
  refuseUnknownVariables(world.env);
  const values: Partial<Record<SettingKey, string | true>> = {};
  const sources: Record<string, string> = {};
  const isPlain = ({ key, commands }: Setting): boolean =>
    commands !== 'connecting' && !NOT_IN_FILES.has(key);
  for (const setting of TABLE.filter(isPlain)) {
    const given =
      givenDirectly(setting.key, flags, world.env) ??
      (setting.flagOnly === true ? undefined : inOwnGroup(setting, own, world));
    if (given === undefined) continue;
    values[setting.key] = setting.switch === true ? true : given.value;
    sources[setting.key] = given.source;
  }
  return { values, sources };
}

function inOwnGroup(setting: Setting, own: readonly OptionFileEntry[], world: World): Given | undefined {
  const entry = own.findLast(({ name }) => name === setting.key);
  if (entry === undefined) return undefined;
  if (setting.repeatable === true) return allOf(setting, own, entry);
  const given = { source: entry.source, rank: RANK.firstOptionFile + entry.fileIndex };
  if (setting.switch === true) return isOn(entry.value) ? { value: 'true', ...given } : undefined;
  if (entry.value === undefined || entry.value === '') {
    if (setting.optionalValue === true) return { value: 'true', ...given };
    throw new DbBackupError('usage', `${setting.key} in ${entry.source} has no value.`, {
      hint: `write ${setting.key}=…, or remove the line`,
    });
  }
  return { value: expandHome(entry.value, setting.key, world), ...given };
}

/** Of a setting that may be given several times, each line counts. */
function allOf(setting: Setting, own: readonly OptionFileEntry[], last: OptionFileEntry): Given {
  const values = own.flatMap(({ name, value }) => (name === setting.key && value ? [value] : []));
  return {
    value: joinValues(...values),
    source: last.source,
    rank: RANK.firstOptionFile + last.fileIndex,
  };
}

/** No shell does it for an option file, and a folder called `~` is never what was meant. */
function expandHome(value: string, key: string, { homeDirectory }: World): string {
  return key === 'dir' && homeDirectory !== undefined ? value.replace(/^~(?=\/|$)/, homeDirectory) : value;
}

function refuseUnknown(own: readonly OptionFileEntry[]): void {
  const known = TABLE.filter(({ key, flagOnly }) => flagOnly !== true && !NOT_IN_FILES.has(key)).map(
    ({ key }): string => key,
  );
  const unknown = own.find(({ name, loose }) => !loose && !known.includes(name) && !CLIENT_OPTION.test(name));
  if (unknown === undefined) return;
  const near = nearNames(unknown.name, known);
  throw new DbBackupError(
    'usage',
    `${unknown.source} has the setting ${unknown.name}, which does not exist.`,
    {
      hint: near.length > 0 ? `did you mean ${near.join(' or ')}?` : `there are: ${known.join(', ')}`,
    },
  );
}

/** Whether a line stands in `[dbbackup]`, or in that group with the suffix. */
export function isOurs({ group }: OptionFileEntry): boolean {
  return group.startsWith('dbbackup');
}

export function inOwnGroups(entries: readonly OptionFileEntry[]): readonly OptionFileEntry[] {
  return entries.filter(isOurs);
}

/** `-H, --host <name>` → `--host`. */
function longFlag(flags: string): string {
  return /--[\w-]+/.exec(flags)?.[0] ?? flags;
}
