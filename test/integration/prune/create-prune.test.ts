import { readdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import type { Job } from '../../../src/jobs/record/job.ts';
import { SHOP_SQL } from '../../fixtures/shop.ts';
import { freshDatabase } from '../../harness/database.ts';
import { runDbbackup, startDbbackup } from '../../harness/dbbackup.ts';
import { describeOneServer } from '../../harness/describe-each-server.ts';
import { expectFailure } from '../../harness/failure.ts';
import { plantNights } from '../../harness/planted-nights.ts';
import { workspace } from '../../harness/workspace.ts';

const AT_ONCE = 8;

interface Document {
  readonly ok: boolean;
  readonly backups: readonly { readonly name: string }[];
  readonly pruned?: {
    readonly kept: readonly { readonly name: string }[];
    readonly removed: readonly { readonly name: string }[];
    readonly freedBytes: number;
  };
}

describeOneServer('create --prune', (server) => {
  const backupsIn = async (folder: string): Promise<readonly string[]> =>
    (await readdir(folder)).filter((name) => name.endsWith('.sql.gz')).sort();

  test('prunes the database after its backup, by the rules of the configuration', async () => {
    const { backups, folder } = await workspace();
    const database = await freshDatabase(server, { sql: SHOP_SQL });
    const nights = await plantNights(backups, 4, { database });
    await plantNights(backups, 3, { database: 'another' });
    const options = join(folder, 'dbbackup.cnf');
    await writeFile(options, '[dbbackup]\nprune\nkeep-last=2\n', { mode: 0o600 });
    const args = ['create', database, '--defaults-extra-file', options];

    const { exitCode, stdout, stderr } = await runDbbackup(args, { server });
    expect(exitCode, stderr).toBe(0);
    expect(stderr).toMatch(/ backed up: .*; removed 3 older backups, /);
    const made = basename(stdout.trim());
    expect(await backupsIn(join(backups, database))).toEqual([made, basename(nights[0]!)].sort());
    expect(await backupsIn(join(backups, 'another'))).toHaveLength(3);

    const again = await runDbbackup([...args, '--json'], { server });
    const document = JSON.parse(again.stdout) as Document;
    expect(document.pruned?.kept.map(({ name }) => name)).toEqual([
      document.backups[0]!.name,
      made.replace('.sql.gz', ''),
    ]);
    expect(document.pruned?.removed.map(({ name }) => `${name}.sql.gz`)).toEqual([basename(nights[0]!)]);
  });

  test('prunes nothing after a failure', async () => {
    const { backups } = await workspace();
    const database = await freshDatabase(server, { sql: SHOP_SQL });
    await plantNights(backups, 3, { database });
    await plantNights(backups, 3, { database: 'no_such_database' });
    const args = ['create', 'no_such_database', database, '--prune', '--keep-last', '1'];
    const { exitCode } = await runDbbackup(args, { server });
    expect(exitCode).toBe(3);
    expect(await backupsIn(join(backups, 'no_such_database'))).toHaveLength(3);
    expect(await backupsIn(join(backups, database))).toHaveLength(1);
  });

  test('a policy that keeps nothing is refused before anything is dumped', async () => {
    const { backups } = await workspace();
    const database = await freshDatabase(server, { sql: SHOP_SQL });
    await expectFailure(
      ['create', database, '--prune'],
      { server },
      { code: 'usage', message: 'No rule says which backups to keep', hint: 'keep-daily' },
    );
    await expectFailure(
      ['create', database, '--keep-daily', '7'],
      { server },
      { code: 'usage', message: '--keep-daily does nothing without --prune.', hint: 'add --prune' },
    );
    await expectFailure(
      ['create', database, '--prune', '--keep-last', '1', '--output', 'dump.sql'],
      { server },
      { code: 'usage', message: '--prune and --output do not go together.', hint: 'leave one out' },
    );
    expect(await readdir(backups).catch(() => [])).toEqual([]);
  });

  test('a backup that was made is one, also where pruning fails', async () => {
    const { backups } = await workspace();
    const database = await freshDatabase(server, { sql: SHOP_SQL });
    await plantNights(backups, 2, { database });
    const lock = join(backups, database, '.manifests.lock');
    await writeFile(lock, 'of somebody else');
    // It would wait for a minute for that lock.
    const run = await startDbbackup(['create', database, '--prune', '--keep-last', '1', '--timeout', '6s'], {
      server,
    });
    const { exitCode, stdout, stderr } = await run.finished;
    await rm(lock);
    expect(exitCode, stderr).toBe(124);
    expect(await backupsIn(join(backups, database))).toContain(basename(stdout.trim()));
    const { jobs } = JSON.parse((await runDbbackup(['status', '--json'])).stdout) as { jobs: readonly Job[] };
    expect(jobs[0]).toMatchObject({ database, state: 'succeeded' });
  });

  test(`${AT_ONCE} creates and prunes at once lose no backup`, { timeout: 240_000 }, async () => {
    const { backups } = await workspace();
    const database = await freshDatabase(server, { sql: SHOP_SQL });
    const nights = await plantNights(backups, 6, { database });
    const keep = ['--keep-last', '50'];
    const runs = await Promise.all(
      Array.from({ length: AT_ONCE }, (_, index) =>
        startDbbackup(
          index % 2 === 0
            ? ['create', database, '--lock-wait', '3m', '--prune', '--keep-last', '50']
            : ['prune', database, '--lock-wait', '3m', ...(index % 4 === 1 ? keep : ['--keep-last', '7'])],
          { server },
        ),
      ),
    );
    const results = await Promise.all(runs.map(({ finished }) => finished));
    for (const { exitCode, stderr } of results) expect(exitCode, stderr).toBe(0);
    const made = results.flatMap(({ stdout }, index) => (index % 2 === 0 ? [basename(stdout.trim())] : []));
    expect(new Set(made).size).toBe(AT_ONCE / 2);
    const left = await backupsIn(join(backups, database));
    expect(made.filter((name) => !left.includes(name))).toEqual([]);
    // Seven are kept by the strictest: the four that were made, and at least three nights.
    expect(nights.slice(0, 3).filter((path) => !left.includes(basename(path)))).toEqual([]);
    const listed = JSON.parse((await runDbbackup(['list', '--json'])).stdout) as {
      backups: readonly { state: string }[];
    };
    expect(new Set(listed.backups.map(({ state }) => state))).toEqual(new Set(['complete']));
    expect((await readdir(join(backups, database))).filter((name) => name.startsWith('.'))).toEqual([]);
  });
});
