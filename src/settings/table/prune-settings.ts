import type { Setting } from './setting.ts';

const COUNTED = ['create', 'prune'] as const;

/** Settings of `prune`, which `create --prune` uses, too, and of `pin`. */
export const PRUNE_SETTINGS = [
  {
    key: 'prune',
    flags: '--prune',
    help: 'after the backup of a database succeeded, remove those of it that no keep rule keeps',
    commands: ['create'],
    switch: true,
  },
  {
    key: 'keep-last',
    flags: '--keep-last <n>',
    env: 'DBBACKUP_KEEP_LAST',
    help: 'keep the newest n backups; n may be unlimited, here and below',
    commands: COUNTED,
  },
  {
    key: 'keep-hourly',
    flags: '--keep-hourly <n>',
    env: 'DBBACKUP_KEEP_HOURLY',
    help: 'keep the newest backup of each of the last n hours that have one',
    commands: COUNTED,
  },
  {
    key: 'keep-daily',
    flags: '--keep-daily <n>',
    env: 'DBBACKUP_KEEP_DAILY',
    help: 'the same for days',
    commands: COUNTED,
  },
  {
    key: 'keep-weekly',
    flags: '--keep-weekly <n>',
    env: 'DBBACKUP_KEEP_WEEKLY',
    help: 'the same for weeks, which begin on Monday',
    commands: COUNTED,
  },
  {
    key: 'keep-monthly',
    flags: '--keep-monthly <n>',
    env: 'DBBACKUP_KEEP_MONTHLY',
    help: 'the same for months',
    commands: COUNTED,
  },
  {
    key: 'keep-yearly',
    flags: '--keep-yearly <n>',
    env: 'DBBACKUP_KEEP_YEARLY',
    help: 'the same for years',
    commands: COUNTED,
  },
  {
    key: 'keep-within',
    flags: '--keep-within <time>',
    env: 'DBBACKUP_KEEP_WITHIN',
    help: 'keep all backups within this time before the newest, e.g. 14d, 6mo, 1y6mo',
    commands: COUNTED,
  },
  {
    key: 'keep-safety',
    flags: '--keep-safety <time>',
    env: 'DBBACKUP_KEEP_SAFETY',
    default: '14d',
    help: 'keep the safety backups of restores for this time',
    commands: COUNTED,
  },
  {
    key: 'require-copy',
    flags: '--require-copy',
    help: 'keep each good backup until its manifest says that it lies elsewhere, too',
    commands: COUNTED,
    switch: true,
  },
  {
    key: 'until',
    flags: '--until <date>',
    help: 'pin until the end of this day, e.g. 2027-01-31',
    commands: ['pin'],
    flagOnly: true,
  },
  {
    key: 'reason',
    flags: '--reason <text>',
    help: 'why it is pinned; list and prune show it',
    commands: ['pin'],
    flagOnly: true,
  },
  {
    key: 'remove',
    flags: '--remove',
    help: 'remove the pin',
    commands: ['pin'],
    switch: true,
    flagOnly: true,
  },
] as const satisfies readonly Setting[];
