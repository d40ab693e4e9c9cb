import { AFTER_RUN_SETTINGS } from './after-run-settings.ts';
import { CONNECTION_SETTINGS } from './connection-settings.ts';
import { CREATE_SETTINGS } from './create-settings.ts';
import { GENERAL_SETTINGS } from './general-settings.ts';
import { HEALTH_SETTINGS } from './health-settings.ts';
import { PRUNE_SETTINGS } from './prune-settings.ts';
import { RESTORE_SETTINGS } from './restore-settings.ts';
import { RUN_SETTINGS } from './run-settings.ts';
import type { Setting } from './setting.ts';

/** Every setting, in the order of help and documents. */
export const SETTINGS = [
  ...GENERAL_SETTINGS,
  ...CONNECTION_SETTINGS,
  ...CREATE_SETTINGS,
  ...RESTORE_SETTINGS,
  ...PRUNE_SETTINGS,
  ...RUN_SETTINGS,
  ...AFTER_RUN_SETTINGS,
  ...HEALTH_SETTINGS,
] as const satisfies readonly Setting[];

export type SettingKey = (typeof SETTINGS)[number]['key'];

/** What the command line gave, by setting key: text, or true for a switch. Absent: not given. */
export type FlagValues = Readonly<Partial<Record<SettingKey, string | true>>>;
