import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import type { Status } from '../../../src/jobs/record/status.ts';
import { backUp, succeeds } from '../../harness/backup.ts';
import { PROGRAM } from '../../harness/build.ts';
import { freshDatabase, unusedName } from '../../harness/database.ts';
import { runDbbackup, startDbbackup } from '../../harness/dbbackup.ts';
import { describeOneServer } from '../../harness/describe-each-server.ts';
import { pathWith } from '../../harness/fake-programs.ts';
import { waitFor } from '../../harness/wait-for.ts';
import { withoutOthers } from '../../harness/warnings-of-others.ts';
import { workspace } from '../../harness/workspace.ts';

const SQL = 'CREATE TABLE orders (id INT); INSERT INTO orders VALUES (1);';

describeOneServer('at a terminal', (server) => {
  /** Runs commands on a terminal of this width, in Kathmandu (UTC+05:45). `$D` is dbbackup. */
  async function atTerminal(script: string, columns: number): Promise<string> {
    const { folder, tmp } = await workspace();
    const program = `${process.execPath} ${PROGRAM}`;
    const line = `stty cols ${columns}; D='${program}'; ${script}`;
    const { all } = await execa('script', ['--quiet', '--return', '--command', line, '/dev/null'], {
      cwd: folder,
      env: { ...server.environment, TMPDIR: tmp, TERM: 'xterm', TZ: 'Asia/Kathmandu' },
      extendEnv: false,
      reject: false,
      all: true,
      input: '',
    });
    // A spinner goes back to the beginning of its line. The others are colours.
    /* eslint-disable no-control-regex -- escape sequences are what a terminal is sent */
    return all
      .replaceAll(/\u001b\[1G/g, '\n')
      .replaceAll(/\u001b\[[0-9;?]*[A-Za-z]/g, '')
      .replaceAll('\r', '');
  }

  test('times are those of its zone, and elsewhere UTC, both with the zone', async () => {
    const database = await freshDatabase(server, { sql: SQL });
    await backUp(server, database);
    const { stdout } = await succeeds(['list']);
    const [, day = '', time = ''] = /(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) UTC/.exec(stdout) ?? [];
    const local = new Date(Date.parse(`${day}T${time}Z`) + 345 * 60_000).toISOString();
    const there = `${local.slice(0, 10)} ${local.slice(11, 19)} +05:45`;

    for (const command of ['list', 'status', `restore ${database}/latest --dry-run`])
      expect(await atTerminal(`$D ${command}`, 200), command).toContain(there);
    for (const command of ['list', 'status']) {
      const piped = await atTerminal(`$D ${command} | cat`, 200);
      expect(piped).toContain(`${day} ${time} UTC`);
      expect(piped).not.toContain('+05:45');
    }
  });

  test('tables, plans and hints fit 60 columns, and commands stay whole', async () => {
    const name = `${unusedName()}_of_the_customers_in_the_north`;
    const database = await freshDatabase(server, { name, sql: SQL });
    await backUp(server, database);
    await runDbbackup(['create', `${database}x`], { server });

    const text = await atTerminal(
      `$D list; $D status; $D restore ${database}/latest --dry-run; $D create ${database}x; $D doctor ${database}`,
      60,
    );
    const lines = text.split('\n').map((line) => line.trimEnd());
    const isCommand = (line: string) => /^ *(?:(?:npx )?dbbackup|sudo|[A-Z]{3,} [A-Z]) ?|;$/.test(line);
    // Of the files that doctor prints to be copied.
    const isCopied = (line: string) => /^ {4}(?:[A-Z]\w+=|#|[\d*]+ [\d*]+ \* )/.test(line);
    const tooLong = lines.filter((line) => line.length > 60 && !isCommand(line) && !isCopied(line));
    // A word that is longer by itself cannot be broken.
    expect(tooLong.filter((line) => line.trim().includes(' ') && !/\S{45}/.test(line))).toEqual([]);
    expect(text).toContain('…');
    const commands = lines.filter((line) => line.trimStart().startsWith('dbbackup status '));
    expect(commands.length).toBeGreaterThan(0);
    for (const line of commands) expect(line).toMatch(/ --dir \/\S+$/);
  });

  test('what a restore does first is said first, and status tells that it waits for an answer', async () => {
    const database = await freshDatabase(server, { sql: SQL });
    await backUp(server, database);
    const jobs = async () =>
      (JSON.parse((await succeeds(['status', '--json'])).stdout) as Status).jobs.map(({ step }) => step);

    const asked = atTerminal(`: | $D restore ${database}/latest`, 100); // stdin is no terminal: refused
    expect(await asked).toContain('Checking the backup...');
    expect(await asked).not.toContain('Restoring database from backup...');
    expect((await jobs())[0]).toBe(`Waiting for confirmation that ${database} may be replaced...`);

    const logged = await runDbbackup(['restore', `${database}/latest`, '--confirm', database], { server });
    expect(logged.stderr).toMatch(
      /^\S+Z Checking the backup\.\.\.\n[^]*\n\S+Z Restoring database from backup\.\.\.\n/,
    );
  });

  test('a run that waits for another says so at once, in a log too, with the job', async () => {
    const database = await freshDatabase(server, { sql: SQL });
    await backUp(server, database);
    const env = await pathWith(server, { dumpTool: 'dump-tool-that-hangs.sh' });
    const first = await startDbbackup(['create', database], { server, env });
    const { backups } = await workspace();
    await waitFor('the lock to be held', async () =>
      (await readdir(join(backups, database))).includes('.lock'),
    );

    const second = await runDbbackup(['create', database, '--lock-wait', '1s'], { server });
    first.signal('SIGTERM');
    await first.finished;
    expect(second.exitCode).toBe(11);
    expect(second.stderr).toMatch(
      /Z Creating database backup\.\.\. Waiting: A backup of \S+ is already running: job \w{8}, .* since \S+ \S+ UTC/,
    );
  });

  test('--quiet leaves nothing but errors and warnings on stderr, and results on stdout', async () => {
    const database = await freshDatabase(server, { sql: SQL });
    const made = await succeeds(['create', '-q', database], { server });
    expect(made).toMatchObject({ stderr: '', stdout: expect.stringMatching(/^\/\S+\n$/) });

    for (const [args, stdout] of [
      [['restore', '-q', `${database}/latest`, '--confirm', database], /^dbbackup undo \w+ --confirm .*\n$/],
      [['restore', '-q', `${database}/latest`, '--dry-run'], /^Restore /],
      [['verify', '-q', `${database}/latest`], /^$/],
      [['list', '-q'], new RegExp(`^(${database}/\\S+\n)+$`)],
      [['status', '-q'], /^Running now\n/],
      [['doctor', '-q', database], /^(Warnings\n[^]*)?$/],
      [['list', '-q', '--json'], /^\{.*\}\n$/],
    ] as const) {
      const quiet = await succeeds(args, { server });
      expect(withoutOthers(quiet.stderr), args.join(' ')).toBe('');
      expect(quiet.stdout, args.join(' ')).toMatch(stdout);
    }
    const failed = await runDbbackup(['create', '-q', `${database}x`], { server });
    expect(failed).toMatchObject({
      exitCode: 10,
      stdout: '',
      stderr: expect.stringMatching(/^error: [^]*\nhint: /),
    });
  });
});
