import type { Schedule } from '../schedule/schedule.ts';
import type { Paint } from './text/paint.ts';
import { safeLines } from './text/safe-text.ts';

/** What has backups made every night, ready to be copied. */
export function renderSchedule({ crontab, service, timer, notes }: Schedule, paint: Paint): string {
  return [
    paint.heading('Every night'),
    '  For /etc/cron.d/dbbackup; cron mails what is wrong:',
    indented(crontab),
    '  Or for systemd, /etc/systemd/system/dbbackup.service:',
    indented(service),
    '  and /etc/systemd/system/dbbackup.timer, started by',
    '  systemctl enable --now dbbackup.timer:',
    indented(timer),
    ...notes.map((note) => `  ${paint.caution('note:')} ${safeLines(note)}`),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n');
}

function indented(text: string): string {
  return safeLines(text).replaceAll(/^(?=.)/gm, '    ');
}
