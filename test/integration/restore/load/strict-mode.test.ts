import { expect, test } from 'vitest';
import { newAccount } from '../../../harness/accounts.ts';
import {
  backUp,
  expectSameDump,
  manifestOf,
  restore,
  safetyBackupOf,
  succeeds,
} from '../../../harness/backup.ts';
import { freshDatabase } from '../../../harness/database.ts';
import { runDbbackup } from '../../../harness/dbbackup.ts';
import { describeEachFlavour, testServers } from '../../../harness/describe-each-server.ts';
import { expectFailure } from '../../../harness/failure.ts';
import { quoted } from '../../../harness/test-server.ts';
import type { TestServer } from '../../../harness/test-server.ts';

const COLUMNS = Array.from({ length: 40 }, (_, n) => `c${n} CHAR(250)`).join(', ');

/** What a server takes with a warning in one mode, and refuses in the other. */
const REFUSED = {
  too_wide: `(id INT PRIMARY KEY, ${COLUMNS}) ENGINE=InnoDB ROW_FORMAT=COMPACT DEFAULT CHARSET=latin1`,
  not_compressed: '(id INT PRIMARY KEY) ENGINE=InnoDB ROW_FORMAT=COMPACT KEY_BLOCK_SIZE=8',
  not_fixed: '(id INT PRIMARY KEY) ENGINE=InnoDB ROW_FORMAT=FIXED',
  large_blocks: '(id INT PRIMARY KEY) ENGINE=InnoDB KEY_BLOCK_SIZE=32',
  odd_blocks: '(id INT PRIMARY KEY) ENGINE=InnoDB ROW_FORMAT=COMPRESSED KEY_BLOCK_SIZE=5',
} as const;
const SQL = `SET SESSION innodb_strict_mode = OFF;
  ${Object.entries(REFUSED)
    .map(([name, text]) => `CREATE TABLE ${name} ${text}; INSERT INTO ${name} (id) VALUES (1);`)
    .join('\n')}`;

/** What each server counts of a TEXT; beside 8126 bytes, of which the record must leave one. */
const TEXT_BYTES = { mysql: 41, mariadb: 21 } as const;

/** With 31 columns of 255 bytes, a number, a TEXT, and what InnoDB adds. */
function columnsOf(server: TestServer, recordBytes: number): string {
  const rest = recordBytes - 31 * 255 - 4 - TEXT_BYTES[server.flavour] - (5 + 6 + 7);
  const wide = Array.from({ length: 31 }, (_, n) => `b${n} BINARY(255) NOT NULL`).join(', ');
  return `(id INT PRIMARY KEY, t TEXT NOT NULL, ${wide}, rest BINARY(${rest}) NOT NULL) ENGINE=InnoDB`;
}

async function doctorFindings(
  server: TestServer,
  database: string,
  env: Readonly<Record<string, string>> = {},
): Promise<readonly { level: string; message: string; fix?: string[] }[]> {
  const { stdout } = await runDbbackup(['doctor', database, '--json'], { server, env });
  const { findings } = JSON.parse(stdout) as {
    findings: { level: string; message: string; fix?: string[] }[];
  };
  return findings.filter(({ message }) => message.includes('innodb_strict_mode'));
}

describeEachFlavour('tables that InnoDB refuses in strict mode', (server) => {
  test('are named by create, by the manifest and by doctor, and no other table is', async () => {
    const database = await freshDatabase(server, {
      sql: `SET SESSION innodb_strict_mode = ON;
        CREATE TABLE just_fits ${columnsOf(server, 8_125)};
        CREATE TABLE compressed (id INT) ENGINE=InnoDB ROW_FORMAT=COMPRESSED KEY_BLOCK_SIZE=8;
        CREATE TABLE of_files (id INT) ENGINE=MyISAM ROW_FORMAT=FIXED;
        CREATE VIEW seen AS SELECT id FROM just_fits;
        ${SQL}
        CREATE TABLE one_byte_more ${columnsOf(server, 8_126)};`,
    });
    await expect(
      server.query(
        `SET SESSION innodb_strict_mode = ON; CREATE TABLE again ${columnsOf(server, 8_126)}`,
        database,
      ),
    ).rejects.toThrow('1118');

    const { stdout, stderr } = await succeeds(['create', database], { server });

    // MySQL 8 and later keep the options that they have taken instead, and dumps have those.
    const options =
      server.flavour === 'mysql'
        ? ''
        : 'large_blocks (options), not_compressed (options), not_fixed (options), odd_blocks (options), ';
    const tables = `${options}one_byte_more (row size), too_wide (row size).`;
    const needs = server.flavour === 'mysql' ? ', for which its account needs SESSION_VARIABLES_ADMIN' : '';
    const warning = `InnoDB makes these tables only while innodb_strict_mode is OFF: ${tables} restore switches it off automatically${needs}. With another client: SET SESSION innodb_strict_mode = OFF.`;
    expect(stderr).toContain(warning);
    const { warnings } = await manifestOf(stdout.trim());
    expect(warnings.filter((each) => each.includes('innodb_strict_mode'))).toEqual([warning]);
    expect(await doctorFindings(server, database)).toMatchObject([
      { level: 'warning', message: expect.stringMatching(`OFF: ${tables.replaceAll(/[().]/g, '.')}$`) },
    ]);
  });

  test('come back, from a backup of our own and from a stock dump', async () => {
    const database = await freshDatabase(server, { sql: SQL });
    const before = await server.dump(database);
    const backup = await backUp(server, database);
    await succeeds(['verify', '--rehearse', backup], { server });
    await restore(server, backup, database);
    expectSameDump(await server.dump(database), before);
    await restore(server, await safetyBackupOf(database), database, ['--no-safety-backup']);
    expectSameDump(await server.dump(database), before);
    await restore(server, backup, database, ['--in-place', '--no-safety-backup']);
    expectSameDump(await server.dump(database), before);
    const args = ['restore', '-', '--to', database, '--confirm', database, '--no-safety-backup'];
    await succeeds(args, { server, input: before });
    expectSameDump(await server.dump(database), before);
  });
});

test.each(testServers().filter(({ flavour }) => flavour === 'mysql'))(
  'a table that is too wide is refused to an account that may not leave that mode, with what opens the way ($name)',
  async (server) => {
    const database = await freshDatabase(server, {
      sql: `SET SESSION innodb_strict_mode = OFF; CREATE TABLE too_wide ${REFUSED.too_wide};`,
    });
    const backup = await backUp(server, database);
    const account = await newAccount(server);
    await account.grant('ALL', `${quoted(database)}.*`);
    await account.grant('ALL', '`dbbackup\\_%`.*');
    const args = ['restore', backup, '--confirm', database, '--no-safety-backup'];
    await expectFailure(
      args,
      { server, env: account.env },
      {
        code: 'restore-failed',
        message: ['too_wide', 'ERROR 1118'],
        hint: ['GRANT SESSION_VARIABLES_ADMIN ON *.*', 'SET GLOBAL innodb_strict_mode = OFF'],
      },
    );
    expect(await doctorFindings(server, database, account.env)).toMatchObject([
      { level: 'problem', fix: [expect.stringMatching(/^GRANT SESSION_VARIABLES_ADMIN ON \*\.\* TO /)] },
    ]);
    await account.grant('SESSION_VARIABLES_ADMIN', '*.*');
    expect(await doctorFindings(server, database, account.env)).toMatchObject([{ level: 'warning' }]);
    await succeeds(args, { server, env: account.env });
    expect(await server.query('SHOW TABLES', database)).toBe('too_wide');
  },
);
