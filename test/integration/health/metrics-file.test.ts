import { chmod, mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { SHOP_SQL } from '../../fixtures/shop.ts';
import { newAccount } from '../../harness/accounts.ts';
import { succeeds } from '../../harness/backup.ts';
import { freshDatabase } from '../../harness/database.ts';
import { runDbbackup } from '../../harness/dbbackup.ts';
import { describeOneServer } from '../../harness/describe-each-server.ts';
import { parseExposition, type Sample } from '../../harness/exposition.ts';
import { workspace } from '../../harness/workspace.ts';

const PROMTOOL = ['/usr/bin/promtool', '/usr/local/bin/promtool'];

/** Of one metric and database. */
function valueOf(samples: readonly Sample[], metric: string, database: string): number | undefined {
  return samples.find(({ name, labels }) => name === `dbbackup_${metric}` && labels['database'] === database)
    ?.value;
}

describeOneServer('--metrics-file', (server) => {
  test('has what create, a failure and a rehearsal left, for everybody to read', async () => {
    const database = await freshDatabase(server, { sql: SHOP_SQL });
    const { folder } = await workspace();
    const file = join(folder, 'dbbackup.prom');
    const read = async () => parseExposition(await readFile(file, 'utf8'));

    await succeeds(['create', database, '--label', 'nightly', '--metrics-file', file], { server });
    const first = await read();
    expect((await stat(file)).mode & 0o777).toBe(0o644);
    expect(first.every(({ labels }) => labels['label'] === 'nightly')).toBe(true);
    expect(valueOf(first, 'last_exit_code', database)).toBe(0);
    expect(valueOf(first, 'backup_size_bytes', database)).toBeGreaterThan(100);
    expect(valueOf(first, 'last_success_timestamp_seconds', database)).toBeCloseTo(Date.now() / 1000, -2);
    expect(valueOf(first, 'last_rehearsal_timestamp_seconds', database)).toBeUndefined();

    const { env } = await newAccount(server);
    const args = ['create', database, '--label', 'nightly', '--metrics-file', file];
    const failed = await runDbbackup(args, { server, env });
    expect(failed.exitCode).not.toBe(0);
    const second = await read();
    expect(valueOf(second, 'last_exit_code', database)).toBe(failed.exitCode);
    for (const metric of ['last_success_timestamp_seconds', 'backup_size_bytes', 'backup_duration_seconds'])
      expect(valueOf(second, metric, database)).toBe(valueOf(first, metric, database));

    await succeeds(['verify', '--rehearse', '--metrics-file', file], { server });
    expect(valueOf(await read(), 'last_rehearsal_timestamp_seconds', database)).toBeGreaterThan(1e9);
    await succeeds(['restore', `${database}/latest`, '--confirm', database, '--metrics-file', file], {
      server,
    });
    expect((await read()).map(({ labels }) => labels['label'])).toContain('pre-restore');
    for (const promtool of await filter(PROMTOOL))
      await execa(promtool, ['check', 'metrics'], { inputFile: file });
  });

  test('a monitor never sees half a file, and runs that end at once lose nothing of each other', async () => {
    const databases = await Promise.all(
      Array.from({ length: 4 }, () => freshDatabase(server, { sql: SHOP_SQL })),
    );
    const { folder } = await workspace();
    const file = join(folder, 'dbbackup.prom');
    const seen: string[] = [];
    const watch = { isOver: false };
    const monitor = (async () => {
      while (!watch.isOver) {
        const text = await readFile(file, 'utf8').catch(() => '');
        if (text !== seen.at(-1)) seen.push(text);
        await new Promise((next) => setImmediate(next));
      }
    })();

    const runs = databases.map((database) =>
      succeeds(['create', database, '--metrics-file', file], { server, asProcess: true }),
    );
    await Promise.all(runs);
    watch.isOver = true;
    await monitor;

    for (const text of seen) parseExposition(text);
    const last = parseExposition(await readFile(file, 'utf8'));
    expect(databases.map((database) => valueOf(last, 'last_exit_code', database))).toEqual([0, 0, 0, 0]);
    expect(new Set(seen).size).toBeGreaterThan(1);
    expect((await readdir(folder)).filter((name) => name.endsWith('.new'))).toEqual([]);
  });

  test('one that cannot be written is a warning, and changes no exit code', async () => {
    const database = await freshDatabase(server, { sql: SHOP_SQL });
    const { folder } = await workspace();
    await mkdir(join(folder, 'sub'));
    await chmod(join(folder, 'sub'), 0o700);

    const made = await runDbbackup(['create', database, '--metrics-file', 'none/x.prom'], { server });
    expect(made).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining('The metrics file was not written: '),
    });
    const json = await runDbbackup(['create', database, '--json', '--metrics-file', 'sub'], { server });
    expect(JSON.parse(json.stdout)).toMatchObject({ ok: true });
    expect(json.stderr).toContain('is not a regular file, so it is not replaced');
    const missing = await runDbbackup(['create', 'nothing_of_that_name', '--metrics-file', 'none/x.prom'], {
      server,
    });
    expect(missing.exitCode).toBe(10);
    await succeeds(['create', database, '--dry-run', '--metrics-file', 'dry.prom'], { server });
    expect(await readdir(folder)).not.toContain('dry.prom');
  });
});

async function filter(paths: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(
    paths.map((path) =>
      stat(path).then(
        () => [path],
        () => [],
      ),
    ),
  );
  return found.flat();
}
