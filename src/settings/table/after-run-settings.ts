import type { Setting } from './setting.ts';

/**
 * Settings of what is done when a run begins and ends. `health` has keys and variables of its own: it often runs right after
 * a backup, with the same option files, and what it tells would hide from the monitor of that backup that it failed.
 */
export const AFTER_RUN_SETTINGS = [
  {
    key: 'ping',
    flags: '--ping <url>',
    env: 'DBBACKUP_PING',
    help: 'tell this URL of a monitor (healthchecks) when the run begins, and how it ends',
    commands: ['create', 'restore', 'undo', 'verify', 'prune'],
    secret: true,
  },
  {
    key: 'ping-log',
    flags: '--ping-log',
    help: "send the job's log with the last ping",
    commands: ['create', 'restore', 'undo', 'verify', 'prune'],
    switch: true,
  },
  {
    key: 'on-success',
    flags: '--on-success <command>',
    env: 'DBBACKUP_ON_SUCCESS',
    help: 'run this in a shell after a run that ends with 0',
    commands: ['create', 'restore', 'undo', 'verify', 'prune'],
    secret: true,
  },
  {
    key: 'on-failure',
    flags: '--on-failure <command>',
    env: 'DBBACKUP_ON_FAILURE',
    help: 'run this in a shell after a run that ends with any other exit code',
    commands: ['create', 'restore', 'undo', 'verify', 'prune'],
    secret: true,
  },
  {
    key: 'metrics-file',
    flags: '--metrics-file <file>',
    env: 'DBBACKUP_METRICS_FILE',
    help: 'write metrics of all backups to this .prom file at the end, for the textfile collector of node_exporter',
    commands: ['create', 'restore', 'undo', 'verify', 'prune'],
  },
  {
    key: 'health-ping',
    flags: '--ping <url>',
    env: 'DBBACKUP_HEALTH_PING',
    help: 'tell this URL of a monitor (healthchecks) when the checks begin, and what came of them',
    commands: ['health'],
    secret: true,
  },
  {
    key: 'health-ping-log',
    flags: '--ping-log',
    help: 'send what --json prints with the last ping',
    commands: ['health'],
    switch: true,
  },
  {
    key: 'health-on-success',
    flags: '--on-success <command>',
    env: 'DBBACKUP_HEALTH_ON_SUCCESS',
    help: 'run this in a shell when all checks are OK',
    commands: ['health'],
    secret: true,
  },
  {
    key: 'health-on-failure',
    flags: '--on-failure <command>',
    env: 'DBBACKUP_HEALTH_ON_FAILURE',
    help: 'run this in a shell when any check is not OK, or none could be made',
    commands: ['health'],
    secret: true,
  },
] as const satisfies readonly Setting[];
