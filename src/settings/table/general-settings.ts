import type { Setting } from './setting.ts';

/** Settings of every command, and what it says. */
export const GENERAL_SETTINGS = [
  {
    key: 'dir',
    flags: '--dir <folder>',
    env: 'DBBACKUP_DIR',
    default: './backups',
    help: 'backup directory',
    commands: 'all',
  },
  {
    key: 'json',
    flags: '--json',
    help: 'print one JSON document on stdout',
    commands: 'all',
    switch: true,
    flagOnly: true,
  },
  {
    key: 'quiet',
    flags: '-q, --quiet',
    help: 'only warnings and errors on stderr; results are still printed',
    commands: 'all',
    switch: true,
    flagOnly: true,
  },
  {
    key: 'verbose',
    flags: '-v, --verbose',
    help: 'more detail: the source of each setting, and each step',
    commands: 'all',
    switch: true,
    flagOnly: true,
  },
  {
    key: 'no-color',
    flags: '--no-color',
    env: 'NO_COLOR',
    help: 'disable colors',
    commands: 'all',
    switch: true,
    flagOnly: true,
  },
  {
    key: 'no-input',
    flags: '--no-input',
    help: 'never prompt',
    commands: 'all',
    switch: true,
    flagOnly: true,
  },
] as const satisfies readonly Setting[];
