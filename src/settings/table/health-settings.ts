import type { Setting } from './setting.ts';

export const HEALTH_FORMATS = ['text', 'json', 'nagios', 'prometheus'] as const;
export type HealthFormat = (typeof HEALTH_FORMATS)[number];

/** Settings of `health`: its thresholds, and how it tells what it found. */
export const HEALTH_SETTINGS = [
  {
    key: 'max-age',
    flags: '--max-age <duration>',
    env: 'DBBACKUP_MAX_AGE',
    default: '26h',
    help: 'how old the newest complete backup may be, e.g. 26h, 8d; none: any age',
    commands: ['health'],
  },
  {
    key: 'max-size-drop',
    flags: '--max-size-drop <percent>',
    env: 'DBBACKUP_MAX_SIZE_DROP',
    default: '50%',
    help: 'how much smaller than the median of the 7 before it a backup, or a table in it, may be; none: any size',
    commands: ['health'],
  },
  {
    key: 'max-verify-age',
    flags: '--max-verify-age <duration>',
    env: 'DBBACKUP_MAX_VERIFY_AGE',
    default: 'not checked',
    help: 'how long ago a backup was last verified or rehearsed, e.g. 8d',
    commands: ['health'],
  },
  {
    key: 'max-rehearsal-age',
    flags: '--max-rehearsal-age <duration>',
    env: 'DBBACKUP_MAX_REHEARSAL_AGE',
    default: 'not checked',
    help: 'how long ago a backup was last rehearsed, e.g. 31d',
    commands: ['health'],
  },
  {
    key: 'min-copies',
    flags: '--min-copies <number>',
    env: 'DBBACKUP_MIN_COPIES',
    default: 'not checked',
    help: 'how many copies elsewhere the newest complete backup has to have',
    commands: ['health'],
  },
  {
    key: 'format',
    flags: '--format <name>',
    default: 'text',
    help: 'text, json, nagios (one line; exit codes 0 to 3 of monitoring plugins) or prometheus',
    choices: HEALTH_FORMATS,
    commands: ['health'],
    flagOnly: true,
  },
] as const satisfies readonly Setting[];
