import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Finding } from '../../../../src/doctor/finding/finding.ts';
import type { Status } from '../../../../src/jobs/record/status.ts';
import { newAccount, routinePrivilege } from '../../../harness/accounts.ts';
import type { TestAccount } from '../../../harness/accounts.ts';
import { succeeds } from '../../../harness/backup.ts';
import { freshDatabase } from '../../../harness/database.ts';
import { runDbbackup } from '../../../harness/dbbackup.ts';
import type { RunOptions } from '../../../harness/dbbackup.ts';
import { describeEachFlavour } from '../../../harness/describe-each-server.ts';
import { expectFailure } from '../../../harness/failure.ts';
import { pathWith, programNames } from '../../../harness/fake-programs.ts';
import { ownServer } from '../../../harness/own-server.ts';
import type { OwnServer } from '../../../harness/own-server.ts';
import { quoted } from '../../../harness/test-server.ts';
import type { TestServer } from '../../../harness/test-server.ts';

const SQL = 'CREATE TABLE orders (id INT PRIMARY KEY); INSERT INTO orders VALUES (1), (2);';

/** That a server is read-only is a matter of all its sessions, so these tests have their own. */
describeEachFlavour('a read-only server', (shared) => {
  let own: OwnServer;
  let server: TestServer;
  let database: string;
  let account: TestAccount;
  let options: RunOptions;
  beforeAll(async () => {
    own = await ownServer(shared, ['--server-id=7']);
    server = own.server;
  });
  afterAll(() => own[Symbol.asyncDispose]());
  beforeEach(async () => {
    database = await freshDatabase(server, { sql: SQL });
    account = await newAccount(server);
    await account.grant('ALL', `${quoted(database)}.*`);
    await account.grant('ALL', '`dbbackup\\_%`.*');
    await account.grant(...routinePrivilege(server, database));
    options = { server, env: account.env };
  });
  afterEach(() => server.sql('SET GLOBAL read_only = 0;')); // MySQL: super_read_only goes with it

  test('gives backups, which verify proves', async () => {
    await server.sql('SET GLOBAL read_only = 1;');

    const { stdout } = await succeeds(['create', database], options);
    await succeeds(['verify', stdout.trim()], options);
  });

  test('refuses a restore and a rehearsal before anything is begun, and status has nothing to tell', async () => {
    const { stdout } = await succeeds(['create', database], options);
    const backup = stdout.trim();
    await server.sql('SET GLOBAL read_only = 1;');
    const expected = (purpose: string) => ({
      code: 'restore-failed' as const,
      message: [`:${server.port} is read-only (read_only), so ${purpose}. Nothing was touched.`],
      hint: [
        'If it is a replica, connect to the server that it replicates from',
        'SET GLOBAL read_only = OFF;',
      ],
    });

    for (const args of [['--confirm', database], ['--in-place', '--confirm', database], ['--dry-run'], []]) {
      const told = await expectFailure(
        ['restore', backup, ...args],
        options,
        expected('nothing can be restored into it'),
      );
      expect(`${told.message} ${told.hint}`).not.toContain('staging');
    }
    const rehearsal = await runDbbackup(['verify', '--rehearse', backup], options);
    expect(rehearsal.exitCode).toBe(20);
    expect(rehearsal.stderr).toContain(
      'no scratch schema can be created on it for the rehearsal. Nothing was touched.',
    );
    const status = JSON.parse((await succeeds(['status', '--json'], options)).stdout) as Status;
    expect(status.problems).toEqual([]);
    expect(status.jobs.map(({ operation }) => operation)).toEqual(['create']);
  });

  test('names the server that it replicates from', async () => {
    const { stdout } = await succeeds(['create', database], options);
    await account.grant(server.flavour === 'mysql' ? 'REPLICATION CLIENT' : 'SLAVE MONITOR', '*.*');
    const [begin, end] =
      server.flavour === 'mysql'
        ? ["CHANGE REPLICATION SOURCE TO SOURCE_HOST='db1.example', SOURCE_PORT=3307", 'RESET REPLICA ALL']
        : ["CHANGE MASTER TO MASTER_HOST='db1.example', MASTER_PORT=3307", 'RESET SLAVE ALL'];
    await server.sql(`${begin}; SET GLOBAL read_only = 1;`);

    await expectFailure(['restore', stdout.trim(), '--confirm', database], options, {
      code: 'restore-failed',
      message: 'read-only (read_only), a replica of db1.example:3307, so',
      hint: 'Connect to db1.example:3307 instead',
    });
    await server.sql(`${end};`);
  });

  test('takes a restore of an account that it lets write, which is warned of a replica', async () => {
    const { stdout } = await succeeds(['create', database], options);
    await server.sql(`SET GLOBAL read_only = 1; DELETE FROM ${quoted(database)}.orders;`);

    const restored = await runDbbackup(['restore', stdout.trim(), '--confirm', database], { server });
    expect(restored).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining('is read-only (read_only), but not for this account'),
    });
    expect(await server.countRows(database, 'orders')).toBe(2);
  });

  test('is a warning of doctor', async () => {
    await server.sql('SET GLOBAL read_only = 1;');
    const found = async (run: RunOptions): Promise<Finding | undefined> => {
      const { stdout } = await runDbbackup(['doctor', database, '--json'], run);
      const { findings } = JSON.parse(stdout) as { readonly findings: readonly Finding[] };
      return findings.find(({ message }) => message.includes('read-only'));
    };

    expect(await found(options)).toMatchObject({
      level: 'warning',
      check: 'server-settings',
      message: 'The server is read-only (read_only).',
      why: expect.stringMatching(/^Backups of it work as usual\. Nothing can be restored into it/),
      fix: expect.arrayContaining(['SET GLOBAL read_only = OFF;']),
    });
    expect(await found({ server })).toMatchObject({
      level: 'warning',
      message: 'The server is read-only (read_only), but not for this account.',
    });
    await server.sql('SET GLOBAL read_only = 0;');
    expect(await found(options)).toBeUndefined();
  });

  test('that has become so during a restore has left no staging schema, and nobody speaks of one', async () => {
    const { stdout } = await succeeds(['create', database], options);
    const { PATH } = await pathWith(server, { dumpTool: 'dump-tool-then.sh' });
    const [programs = ''] = PATH.split(':');
    const client = [server.client, ...server.clientOptions].join(' ');
    await writeFile(
      join(programs, `${programNames(server).dumpTool}.then`),
      `${client} -e 'SET GLOBAL read_only = 1'`,
    );

    const { exitCode, stderr } = await runDbbackup(['restore', stdout.trim(), '--confirm', database], {
      server,
      env: { ...account.env, PATH },
    });
    expect(exitCode).toBe(20);
    expect(stderr).toContain(`${database} is unchanged.`);
    expect(stderr).toContain('this is a replica');
    expect(stderr).not.toContain('dbbackup_stage');
    const [job] = (JSON.parse((await succeeds(['status', '--json'], options)).stdout) as Status).jobs;
    expect(job).toMatchObject({ operation: 'restore', state: 'failed' });
    expect(job?.swap).toBeUndefined();
  });

  test.runIf(shared.flavour === 'mysql')('is so for everybody with super_read_only', async () => {
    const { stdout } = await succeeds(['create', database], { server });
    await server.sql('SET GLOBAL super_read_only = 1;');

    await expectFailure(
      ['restore', stdout.trim(), '--confirm', database],
      { server },
      {
        code: 'restore-failed',
        message: 'is read-only (read_only, super_read_only), so nothing can be restored into it.',
        hint: 'SET GLOBAL super_read_only = OFF; SET GLOBAL read_only = OFF;',
      },
    );
  });

  test.runIf(shared.flavour === 'mysql')(
    'may be one of which a single database takes no changes',
    async () => {
      const { stdout } = await succeeds(['create', database], { server });
      await server.sql(`ALTER DATABASE ${quoted(database)} READ ONLY = 1;`);

      await expectFailure(
        ['restore', stdout.trim(), '--confirm', database],
        { server },
        {
          code: 'restore-failed',
          message: `The database ${database} is read-only on`,
          hint: `ALTER DATABASE \`${database}\` READ ONLY = 0;`,
        },
      );
      await server.sql(`ALTER DATABASE ${quoted(database)} READ ONLY = 0;`);
    },
  );
});
