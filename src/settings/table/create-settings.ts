import { COMPRESSION_CHOICES, COMPRESSIONS } from '../../compression/methods.ts';
import type { Setting } from './setting.ts';

/** Settings of `create`. */
export const CREATE_SETTINGS = [
  {
    key: 'all-databases',
    flags: '-A, --all-databases',
    help: 'all databases except the system schemas; health: asks the server which there are',
    commands: ['create', 'health'],
    switch: true,
    flagOnly: true,
  },
  {
    key: 'exclude-database',
    flags: '--exclude-database <name>',
    help: 'with --all-databases: leave this one out; * and ? stand for other characters; repeatable',
    commands: ['create', 'health'],
    repeatable: true,
  },
  {
    key: 'label',
    flags: '--label <name>',
    env: 'DBBACKUP_LABEL',
    default: 'manual',
    help: "first part of the backup's name",
    commands: ['create'],
  },
  {
    key: 'compress',
    flags: '--compress <method>',
    env: 'DBBACKUP_COMPRESS',
    default: 'gzip',
    help: COMPRESSION_CHOICES,
    choices: COMPRESSIONS,
    commands: ['create'],
  },
  {
    key: 'output',
    flags: '--output <file>',
    help: 'write to this file, or to stdout with -; without it create: into the backup directory; extract: to stdout',
    commands: ['create', 'extract'],
    flagOnly: true,
  },
  {
    key: 'allow-empty',
    flags: '--allow-empty',
    help: 'accept an empty database',
    commands: ['create'],
    switch: true,
  },
  {
    key: 'skip-routines',
    flags: '--skip-routines',
    help: 'skip procedures and functions',
    commands: ['create'],
    switch: true,
  },
  {
    key: 'skip-events',
    flags: '--skip-events',
    help: 'skip events',
    commands: ['create'],
    switch: true,
  },
  {
    key: 'skip-triggers',
    flags: '--skip-triggers',
    help: 'skip triggers',
    commands: ['create'],
    switch: true,
  },

  {
    key: 'skip-broken',
    flags: '--skip-broken',
    help: 'skip tables and views that the server cannot open, and name them',
    commands: ['create', 'restore'],
    switch: true,
  },
] as const satisfies readonly Setting[];
