import { shellWord } from '../../run/shell-command.ts';

/** What is to be done every night, as programs that know nothing of this shell do it. */
export interface Night {
  /** Each the words of a command, its program absolute. One that fails does not keep the next from being run. */
  readonly commands: readonly (readonly string[])[];
  /** The value of `PATH` that they need. */
  readonly path: string;
  /** The login that runs them. */
  readonly user: string;
  /** What is set here and will be missing there. */
  readonly notes: readonly string[];
}

/** The files that have it done. */
export interface Schedule {
  /** A line of `/etc/cron.d/dbbackup`. */
  readonly crontab: string;
  /** `/etc/systemd/system/dbbackup.service`. */
  readonly service: string;
  /** `/etc/systemd/system/dbbackup.timer`. */
  readonly timer: string;
  readonly notes: readonly string[];
}

export function scheduleOf({ commands, path, user, notes }: Night): Schedule {
  return {
    crontab: crontabOf({ commands, path, user }),
    service: serviceOf({ commands, path, user }),
    timer: TIMER,
    notes,
  };
}

/**
 * cron takes a `%` for a line end, and mails what is printed: not the paths of backups, which the first command prints.
 */
function crontabOf({ commands, path, user }: Omit<Night, 'notes'>): string {
  const line = commands.map((words, index) => {
    const command = `PATH=${shellWord(path)} ${words.map(shellWord).join(' ')}`;
    return index === 0 ? `${command} > /dev/null` : command;
  });
  return `15 3 * * *  ${user}  ${line.join('; ').replaceAll('%', '\\%')}\n`;
}

function serviceOf({ commands, path, user }: Omit<Night, 'notes'>): string {
  const [first = [], ...others] = commands;
  return [
    '[Unit]',
    'Description=Back up MySQL or MariaDB databases',
    'Wants=network-online.target',
    'After=network-online.target mariadb.service mysql.service',
    '# A unit of yours that tells somebody; it is started when the backup fails, or health finds something:',
    '# OnFailure=notify@%n.service',
    '',
    '[Service]',
    'Type=oneshot',
    `User=${user}`,
    `Environment=${systemdWord(`PATH=${path}`)}`,
    `ExecStart=${first.map(systemdWord).join(' ')}`,
    // Run however the backup ended.
    ...others.map((words) => `ExecStopPost=${words.map(systemdWord).join(' ')}`),
    '',
  ].join('\n');
}

const TIMER = `[Unit]
Description=Back up MySQL or MariaDB databases every night

[Timer]
OnCalendar=*-*-* 03:15:00
Persistent=true

[Install]
WantedBy=timers.target
`;

/** One word of a line of a unit file, in which `%` and `$` have a meaning even in quotes. */
function systemdWord(text: string): string {
  const literal = text.replaceAll('%', '%%').replaceAll('$', '$$$$');
  return /^[\w@%+=:,./-]+$/.test(literal) ? literal : `"${literal.replaceAll(/[\\"]/g, '\\$&')}"`;
}
