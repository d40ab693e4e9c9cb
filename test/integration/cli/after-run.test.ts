import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { manyRowsSql } from '../../fixtures/large-databases.ts';
import { SHOP_SQL } from '../../fixtures/shop.ts';
import { succeeds } from '../../harness/backup.ts';
import { freshDatabase, unusedName } from '../../harness/database.ts';
import { runDbbackup, startDbbackup } from '../../harness/dbbackup.ts';
import { describeOneServer } from '../../harness/describe-each-server.ts';
import { holdTable, waitingConnection } from '../../harness/held-table.ts';
import { monitor } from '../../harness/monitor.ts';
import { waitFor } from '../../harness/wait-for.ts';
import { filesWith, watch } from '../../harness/watcher.ts';
import { workspace } from '../../harness/workspace.ts';

describeOneServer('what follows a run', (server) => {
  test('is told of backups, restores, undos and rehearsals', async () => {
    const database = await freshDatabase(server, { sql: SHOP_SQL });
    const { folder } = await workspace();
    const { url, pings } = await monitor();
    const copy = join(folder, 'document');
    const variables = join(folder, 'variables');
    const script = `cat > ${copy}; echo "$DBBACKUP_OPERATION $DBBACKUP_DATABASES $DBBACKUP_BACKUP" > ${variables}`;

    for (const [command, ...args] of [
      ['create', database],
      ['verify', '--rehearse'],
      ['restore', 'latest', '--confirm', database],
      ['undo', '--confirm', database],
    ] as const) {
      const run = [command, ...args, '--json', '--ping', url, '--on-success', script];
      const { stdout } = await succeeds(run, { server });

      expect(await readFile(copy, 'utf8'), command).toBe(stdout);
      expect(await readFile(variables, 'utf8')).toMatch(
        new RegExp(
          `^${command} ${database} /.*/${database}/(manual|pre-restore)_[\\d_-]+\\.sql\\.(gz|zst)\n$`,
        ),
      );
      expect(pings.slice(-2).map(({ path }) => path)).toEqual(['/canary-check/start', '/canary-check/0']);
    }
  });

  test('is told of what failed, of one and of several', async () => {
    const database = await freshDatabase(server, { sql: SHOP_SQL });
    const missing = unusedName('missing');
    const { url, pings } = await monitor();
    const hook = 'echo "[$DBBACKUP_EXIT_CODE|$DBBACKUP_DATABASES|$DBBACKUP_ERROR]"';
    const follow = ['--ping', url, '--on-failure', hook];

    const one = await runDbbackup(['create', missing, ...follow], { server });
    const several = await runDbbackup(['create', database, missing, ...follow], { server });

    expect(one.exitCode).toBe(10);
    expect(one.stderr).toMatch(
      new RegExp(`\\[10\\|${missing}\\|There is no database ${missing} on this server\\.`),
    );
    expect(several.exitCode).toBe(3);
    expect(several.stderr).toMatch(
      new RegExp(`\\[3\\|${database},${missing}\\|${missing}: There is no database`),
    );
    expect(several.stdout.split('\n')).toHaveLength(2);
    expect(pings.map(({ path }) => path).filter((path) => !path.endsWith('start'))).toEqual([
      '/canary-check/10',
      '/canary-check/3',
    ]);
    expect(pings.at(-1)?.body).toMatch(
      new RegExp(
        `^dbbackup create: exit code 3 \\(partial\\)\n${database} backed up: .*\n1 backup, .*; 1 failed\n${missing}: `,
      ),
    );
  });

  test('--ping-log sends the log of the job', async () => {
    const database = await freshDatabase(server, { sql: SHOP_SQL });
    const { url, pings } = await monitor();

    await succeeds(['create', database, '--ping', url, '--ping-log'], { server });

    expect(pings.at(-1)?.body).toContain(`create of ${database} begins: `);
    expect(pings.at(-1)?.body).not.toContain('canary');
  });

  test.each([
    { how: 'a signal', args: [], exitCode: 130 },
    { how: 'a time limit', args: ['--timeout', '8s'], exitCode: 124 },
  ])('is told of $how', async ({ args, exitCode }) => {
    const database = await freshDatabase(server, { sql: manyRowsSql(100) });
    const { url, pings } = await monitor();
    const release = await holdTable(server, database, 'many_rows');
    const run = await startDbbackup(['create', database, '--ping', url, ...args], { server });
    await waitFor('the dump to wait', () => waitingConnection(server, database));
    if (args.length === 0) run.signal('SIGINT');

    expect((await run.finished).exitCode).toBe(exitCode);
    await release();
    expect(pings.map(({ path }) => path)).toEqual(['/canary-check/start', `/canary-check/${exitCode}`]);
    expect(pings[1]?.body).toContain(`No backup of ${database} was made.`);
  });

  test('a detached job tells it itself, and no process has the URL among its arguments', async () => {
    const database = await freshDatabase(server, { sql: manyRowsSql(100) });
    const { url, pings } = await monitor();
    const release = await holdTable(server, database, 'many_rows');
    const { folder, backups } = await workspace();
    const args = ['create', database, '--detach', `--ping=${url}`, '--on-success', 'true canary'];
    const { stdout } = await succeeds(args, { server });
    const id = stdout.trim();
    const { process: at } = JSON.parse(await readFile(join(backups, '.jobs', `${id}.json`), 'utf8')) as {
      process: { pid: number };
    };
    const over = waitFor('the dump to wait', () => waitingConnection(server, database));
    const { sightings } = await watch('canary', { pid: at.pid, folders: [folder], over });
    expect(sightings).toEqual([]);
    expect(pings.map(({ path }) => path)).toEqual(['/canary-check/start']);
    await release();
    await succeeds(['status', id, '--wait']);
    await waitFor('the last ping', () => Promise.resolve(pings.length === 2));

    expect(pings[1]?.path).toBe('/canary-check/0');
    expect(filesWith('canary', [folder])).toEqual([]);
  });

  test('what fails there is in the log of the job', async () => {
    const database = await freshDatabase(server, { sql: SHOP_SQL });
    const { stdout } = await succeeds(['create', database, '--json', '--on-success', 'exit 7'], { server });
    expect(stdout).toContain('"ok":true');
    const { jobs } = JSON.parse((await succeeds(['status', '--json'])).stdout) as { jobs: { id: string }[] };

    expect((await succeeds(['status', jobs[0]!.id, '--log'])).stdout).toContain(
      'warning: The command of --on-success exited with 7.',
    );
  });
});
