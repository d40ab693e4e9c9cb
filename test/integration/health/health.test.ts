import { mkdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SHOP_SQL } from '../../fixtures/shop.ts';
import { newAccount } from '../../harness/accounts.ts';
import { succeeds } from '../../harness/backup.ts';
import { freshDatabase } from '../../harness/database.ts';
import { runDbbackup } from '../../harness/dbbackup.ts';
import { describeOneServer } from '../../harness/describe-each-server.ts';
import { monitor } from '../../harness/monitor.ts';
import { nobody } from '../../harness/nobody.ts';
import { parseExposition } from '../../harness/exposition.ts';
import { parsePluginLine } from '../../harness/plugin-line.ts';
import { workspace } from '../../harness/workspace.ts';
import type { Health } from '../../../src/health/check-health.ts';

const inJson = (stdout: string) =>
  JSON.parse(stdout) as Health & { readonly ok: boolean; readonly exitCode?: number };

describeOneServer('health', (server) => {
  test('is well after a backup, and says what is too old', async () => {
    const database = await freshDatabase(server, { sql: SHOP_SQL });
    await succeeds(['create', database], { server });

    const well = await succeeds(['health', '--json']);
    expect(inJson(well.stdout)).toMatchObject({
      ...{ schema: 'dbbackup/health/1', ok: true, level: 'ok' },
      databases: [{ database, level: 'ok', completeBackups: 1, lastBackup: { label: 'manual' } }],
      notChecked: [{ check: 'verification' }, { check: 'rehearsal' }, { check: 'copies' }],
    });
    const plugin = await succeeds(['health', database, '--format', 'nagios']);
    expect(parsePluginLine(plugin.stdout)).toMatchObject({ status: 'OK', text: '1 database OK' });
    const metrics = await succeeds(['health', '--format', 'prometheus']);
    expect(parseExposition(metrics.stdout)).toContainEqual({
      ...{ name: 'dbbackup_health_status', labels: {}, value: 0 },
    });

    const old = await runDbbackup(['health', '--max-age', '1ms', '--quiet']);
    expect(old).toMatchObject({
      exitCode: 23,
      stdout: expect.stringMatching(/^Critical\n {2}The newest complete/),
    });
    const critical = await runDbbackup(['health', '--max-age', '1ms', '--format', 'nagios']);
    expect(critical.exitCode).toBe(2);
    expect(parsePluginLine(critical.stdout).status).toBe('CRITICAL');
  });

  test('with -A finds a database that was never backed up, and what is gone', async () => {
    const [backedUp, never] = [
      await freshDatabase(server, { sql: SHOP_SQL }),
      await freshDatabase(server, { sql: SHOP_SQL }),
    ];
    const { backups } = await workspace();
    const account = await newAccount(server);
    await account.grant('ALL', `${backedUp}.*`);
    await account.grant('ALL', `${never}.*`);
    await succeeds(['create', backedUp], { server });
    await mkdir(join(backups, 'dropped'));
    await writeFile(join(backups, 'dropped/old.sql'), 'SELECT 1;');

    const found = await runDbbackup(['health', '-A', '--json'], { server, env: account.env });

    expect(found.exitCode).toBe(23);
    const { checks, databases } = inJson(found.stdout);
    expect(databases.map(({ database, level }) => [database, level]).sort()).toEqual(
      [
        [backedUp, 'ok'],
        [never, 'critical'],
      ].sort(),
    );
    expect(checks.filter(({ level }) => level !== 'ok')).toMatchObject([
      {
        ...{ level: 'critical', check: 'age', database: never },
        message: `There is no complete backup of ${never}.`,
        fix: [expect.stringContaining(`dbbackup create ${never} `)],
      },
      {
        ...{ level: 'warning', check: 'age', database: 'dropped' },
        fix: ['If that is meant, add --exclude-database dropped.'],
      },
    ]);
    const excludes = [`${never.slice(0, -1)}?`, 'dropped'].flatMap((name) => ['--exclude-database', name]);
    const without = ['health', '-A', ...excludes];
    await succeeds(without, { server, env: account.env });
    // Without the server nobody can know of it.
    expect(inJson((await runDbbackup(['health', '--json', backedUp])).stdout).ok).toBe(true);
  });

  test('with -A and a server that is down still tells what the records say', async () => {
    const [fine, failed] = [
      await freshDatabase(server, { sql: SHOP_SQL }),
      await freshDatabase(server, { sql: SHOP_SQL }),
    ];
    await succeeds(['create', fine, failed], { server });
    const { env } = await newAccount(server);
    await runDbbackup(['create', failed], { server, env });
    const down = ['health', '-A', '--host', '127.0.0.1', '--port', '1'];

    const found = await runDbbackup([...down, '--json']);
    expect(found.exitCode).toBe(23);
    expect(inJson(found.stdout).databases.map(({ database }) => database)).toEqual([fine, failed].sort());
    expect(inJson(found.stdout).checks.filter(({ level }) => level !== 'ok')).toMatchObject([
      {
        ...{ level: 'unknown', check: 'server' },
        message: expect.stringMatching(
          /127\.0\.0\.1:1.* Which databases it has is not known; those that are known here are checked\.$/,
        ),
      },
      { level: 'warning', check: 'last-run', database: failed },
    ]);
    expect(inJson(found.stdout).checks).toContainEqual(
      expect.objectContaining({ level: 'ok', check: 'age', database: fine }),
    );
    const text = await runDbbackup([...down, '--exclude-database', failed, '--quiet']);
    expect(text.exitCode).toBe(23);
    expect(text.stdout).toMatch(/^Unknown\n {2}.*127\.0\.0\.1/);
    expect(text.stdout).not.toContain('Warnings');
    const plugin = await runDbbackup([...down, '--exclude-database', failed, '--format', 'nagios']);
    expect(plugin.exitCode).toBe(3);
    expect(parsePluginLine(plugin.stdout)).toMatchObject({ status: 'UNKNOWN' });
    expect((await runDbbackup([...down, '--max-age', '1ms', '--format', 'nagios'])).exitCode).toBe(2);
    const metrics = parseExposition((await runDbbackup([...down, '--format', 'prometheus'])).stdout);
    expect(metrics).toContainEqual({
      ...{ name: 'dbbackup_health_check_status', labels: { check: 'server', database: '' }, value: 3 },
    });
    // Who may not log in hears the same.
    const refused = await runDbbackup(['health', '-A', '--json'], {
      server,
      env: { ...env, DBBACKUP_PASSWORD: 'canary' },
    });
    expect(refused.exitCode).toBe(23);
    expect(inJson(refused.stdout).checks).toContainEqual(
      expect.objectContaining({ level: 'unknown', check: 'server' }),
    );
    expect(refused.stdout).not.toContain('canary');
    const well = await runDbbackup(['health', '-A', '--json'], { server });
    expect(inJson(well.stdout).checks).toContainEqual(
      expect.objectContaining({ level: 'ok', check: 'server' }),
    );
  });

  test('tells a monitor and a command, and not those of a backup', async () => {
    const database = await freshDatabase(server, { sql: SHOP_SQL });
    await succeeds(['create', database], { server });
    const { folder } = await workspace();
    const document = join(folder, 'document');
    const own = await monitor();
    const nightly = await monitor();
    const env = { DBBACKUP_PING: nightly.url, DBBACKUP_ON_FAILURE: `touch ${folder}/nightly` };
    const hook = `cat > ${document}; echo "[$DBBACKUP_OPERATION|$DBBACKUP_EXIT_CODE|$DBBACKUP_DATABASES|$DBBACKUP_ERROR]"`;
    const options = ['--ping', own.url, '--ping-log', '--on-success', hook, '--on-failure', hook];

    const well = await succeeds(['health', ...options], { env });
    expect(well.stderr).toContain(`[health|0|${database}|]`);
    expect(own.pings.map(({ path }) => path)).toEqual(['/canary-check/start', '/canary-check/0']);
    expect(own.pings[1]?.body).toMatch(
      /^dbbackup health: exit code 0 \(ok\)\n0 critical, 0 warnings, 0 unknown, \d+ OK\.\n\n\{"schema":"dbbackup\/health\/1"/,
    );

    const old = await runDbbackup(['health', '--max-age', '1ms', ...options, '--json'], { env });
    expect(old.exitCode).toBe(23);
    expect(old.stderr).toContain(
      `[health|23|${database}|critical: The newest complete backup of ${database}`,
    );
    expect(await readFile(document, 'utf8')).toBe(old.stdout);
    expect(own.pings.at(-1)?.path).toBe('/canary-check/23');

    const plugin = ['health', '--max-age', '1ms', '--format', 'nagios'];
    const variables = { ...env, DBBACKUP_HEALTH_PING: own.url, DBBACKUP_HEALTH_ON_FAILURE: hook };
    const seen = await runDbbackup(plugin, { env: variables });
    expect(seen.exitCode).toBe(2);
    expect(parsePluginLine(seen.stdout).status).toBe('CRITICAL');
    expect(seen.stderr).toContain('[health|2|');
    expect(own.pings.at(-1)).toMatchObject({
      path: '/canary-check/2',
      body: expect.stringMatching(/^dbbackup health: exit code 2 \(CRITICAL\)\n1 critical/),
    });
    const extra = join(folder, 'health.cnf');
    await writeFile(
      extra,
      `[dbbackup]\nping = ${nightly.url}\n[dbbackup_watch]\nhealth-ping = ${own.url}\n`,
      { mode: 0o600 },
    );
    const before = own.pings.length;
    await succeeds(['health', '--defaults-extra-file', extra, '--profile', 'watch']);
    await succeeds(['health', '--defaults-extra-file', extra]);
    expect(own.pings.slice(before).map(({ path }) => path)).toEqual([
      '/canary-check/start',
      '/canary-check/0',
    ]);
    expect(nightly.pings).toEqual([]);
    expect((await runDbbackup(['health', '--ping', 'canary'])).stderr).toContain('--ping is not a URL');
  });

  test('names the table that lost its rows', async () => {
    const sql = `CREATE TABLE orders (id INT PRIMARY KEY AUTO_INCREMENT, note VARCHAR(200)); CREATE TABLE photos (id INT, data LONGBLOB);
      INSERT INTO orders (note) VALUES (REPEAT('x', 200)); ${'INSERT INTO orders (note) SELECT note FROM orders; '.repeat(13)}
      INSERT INTO photos VALUES (1, REPEAT('y', 6000000));`;
    const database = await freshDatabase(server, { sql });
    await succeeds(['create', database], { server });
    await server.sql('DELETE FROM orders WHERE id % 100 < 93;', database);
    await succeeds(['create', database], { server });

    const found = await runDbbackup(['health', '--quiet']);

    expect(found.exitCode).toBe(23);
    expect(found.stdout).toMatch(/the table orders lost 9\d(\.\d)? %/);
    expect(found.stdout).not.toContain('photos');
    await succeeds(['health', '--max-size-drop', '99%']);
  });

  test('knows what verify found', async () => {
    const database = await freshDatabase(server, { sql: SHOP_SQL });
    const path = (await succeeds(['create', database], { server })).stdout.trim();
    const health = () => runDbbackup(['health', '--max-verify-age', '1d', '--json']);

    expect(inJson((await health()).stdout).checks).toContainEqual(
      expect.objectContaining({ level: 'warning', check: 'verification' }),
    );
    await succeeds(['verify']);
    expect((await health()).exitCode).toBe(0);

    const bytes = await readFile(path);
    bytes[bytes.length >> 1] = bytes[bytes.length >> 1]! ^ 0xff;
    await writeFile(path, bytes);
    expect((await runDbbackup(['verify'])).exitCode).toBe(16);
    expect(inJson((await health()).stdout)).toMatchObject({ level: 'critical', exitCode: 23 });
  });

  test('tells damaged manifests and files', async () => {
    const database = await freshDatabase(server, { sql: SHOP_SQL });
    const path = (await succeeds(['create', database], { server })).stdout.trim();

    await truncate(path, 100);
    const cut = await runDbbackup(['health', '--json']);
    expect(cut.exitCode).toBe(23);
    expect(inJson(cut.stdout).checks).toContainEqual(
      expect.objectContaining({
        level: 'warning',
        check: 'damage',
        message: expect.stringContaining('it has 100 bytes'),
      }),
    );
    await writeFile(path.replace('.sql.gz', '.json'), '{');
    expect((await runDbbackup(['health'])).stdout).toContain('its manifest is not JSON');
  });

  test('has the last run of a backup that failed', async () => {
    const database = await freshDatabase(server, { sql: SHOP_SQL });
    await succeeds(['create', database], { server });
    const { env } = await newAccount(server);
    await runDbbackup(['create', database], { server, env });

    const found = await runDbbackup(['health', '--json']);

    expect(inJson(found.stdout)).toMatchObject({ level: 'warning', exitCode: 23 });
    expect((await runDbbackup(['health', '--format', 'nagios'])).exitCode).toBe(1);
  });

  describe.runIf(process.getuid?.() === 0)('a user who may not look into the backup directory', () => {
    test('is told so, and a monitor that it is unknown', async () => {
      const user = await nobody(server);
      const { backups } = await workspace();
      await mkdir(backups, { mode: 0o700 });

      const refused = await user.run(['health', '--dir', backups]);
      expect(refused).toMatchObject({ exitCode: 17, stderr: expect.stringContaining('permission denied') });
      const plugin = await user.run(['health', '--dir', backups, '--format', 'nagios']);
      expect(plugin.exitCode).toBe(3);
      expect(parsePluginLine(plugin.stdout)).toMatchObject({ status: 'UNKNOWN' });
    });
  });
});

describe('a backup directory', () => {
  test.each(['missing', 'empty'])('that is %s is critical', async (kind) => {
    const { backups } = await workspace();
    if (kind === 'empty') await mkdir(backups);

    expect(await runDbbackup(['health'])).toMatchObject({ exitCode: 23, stderr: '' });
    const plugin = await runDbbackup(['health', '--format', 'nagios']);
    expect(plugin.exitCode).toBe(2);
    expect(parsePluginLine(plugin.stdout).text).toContain(
      kind === 'empty' ? 'There are no backups' : 'does not exist',
    );
    expect(parseExposition((await runDbbackup(['health', '--format', 'prometheus'])).stdout)[0]?.value).toBe(
      2,
    );
    await rm(backups, { recursive: true, force: true });
  });

  test('bad values and formats are usage errors, and unknown to a monitor', async () => {
    expect(await runDbbackup(['health', '--max-size-drop', '50'])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('add the sign: 50%'),
    });
    const plugin = await runDbbackup(['health', '--max-age', '26', '--format', 'nagios']);
    expect(plugin.exitCode).toBe(3);
    expect(parsePluginLine(plugin.stdout).text).toContain('--max-age is "26"');
  });
});
