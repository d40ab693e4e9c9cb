import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scheduleOf, type Night } from '../../../../src/cli/schedule/schedule.ts';
import { temporaryFolder } from '../../../harness/workspace.ts';

const NIGHT: Night = {
  commands: [['/usr/local/bin/dbbackup', 'create', '--all-databases', '--dir', '/var/backups/mysql']],
  path: '/usr/local/bin:/usr/bin:/bin',
  user: 'backup',
  notes: [],
};

/** What a shell and systemd would take for something else. */
const ODD = `it's 50% "of" $HOME \\ ; x`;

test('cron is given one line, which prints nothing but what is wrong', () => {
  expect(scheduleOf(NIGHT).crontab).toBe(
    '15 3 * * *  backup  PATH=/usr/local/bin:/usr/bin:/bin /usr/local/bin/dbbackup create --all-databases --dir /var/backups/mysql > /dev/null\n',
  );
});

test('the second command is run however the first ended', () => {
  const { crontab, service } = scheduleOf({ ...NIGHT, commands: [['/bin/false'], ['/bin/true', 'x']] });

  expect(crontab).toMatch(/ \/bin\/false > \/dev\/null; PATH=\S+ \/bin\/true x\n$/);
  expect(service).toContain('ExecStart=/bin/false\nExecStopPost=/bin/true x\n');
});

test('cron gets every word as it is', () => {
  const { crontab } = scheduleOf({ ...NIGHT, commands: [['/usr/bin/printf', '[%s]', ODD, 'y']] });
  // cron takes a % for a line end, and \% for a %.
  expect(crontab).not.toMatch(/(?<!\\)%/);
  const [, command = ''] = /^15 3 \* \* \* {2}backup {2}(.*) > \/dev\/null\n$/s.exec(crontab) ?? [];
  const script = command.replaceAll('\\%', '%');

  expect(execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' })).toBe(`[${ODD}][y]`);
});

test('systemd gets every word as it is', () => {
  const { service } = scheduleOf({ ...NIGHT, commands: [['/usr/bin/printf', ODD, 'y']] });

  expect(service).toContain(String.raw`ExecStart=/usr/bin/printf "it's 50%% \"of\" $$HOME \\ ; x" y`);
});

test('systemd takes the files', async () => {
  if (!existsSync('/usr/bin/systemd-analyze')) return expect(existsSync('/usr/bin/systemd')).toBe(false);
  const folder = await temporaryFolder();
  const { service, timer } = scheduleOf({
    ...NIGHT,
    user: 'root',
    commands: [['/bin/true', ODD], ['/bin/true']],
  });
  const files = { 'dbbackup.service': service, 'dbbackup.timer': timer };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const paths = Object.keys(files).map((name) => join(folder, name));
  const { status, stdout, stderr } = spawnSync('/usr/bin/systemd-analyze', ['verify', '--man=no', ...paths], {
    encoding: 'utf8',
  });

  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
});
