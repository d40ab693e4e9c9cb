import { expect, test } from 'vitest';
import { newAccount } from '../harness/accounts.ts';
import { backUp, expectSameDump, restore, succeeds } from '../harness/backup.ts';
import { freshDatabase } from '../harness/database.ts';
import { describeEachServer, testServers } from '../harness/describe-each-server.ts';
import { expectFailure } from '../harness/failure.ts';
import { quoted } from '../harness/test-server.ts';

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

describeEachServer('tables that InnoDB refuses in strict mode', (server) => {
  test('come back, from a backup of our own and from a stock dump', async () => {
    const database = await freshDatabase(server, { sql: SQL });
    const before = await server.dump(database);
    const backup = await backUp(server, database);
    await succeeds(['verify', '--rehearse', backup], { server });
    const undo = await restore(server, backup, database);
    expectSameDump(await server.dump(database), before);
    await restore(server, /\S+pre-restore\S+/.exec(undo)?.[0] ?? '', database);
    expectSameDump(await server.dump(database), before);
    await restore(server, backup, database, ['--in-place', '--no-safety-backup']);
    expectSameDump(await server.dump(database), before);
    await succeeds(['restore', '-', '--to', database, '--confirm', database], { server, input: before });
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
    await account.grant('SESSION_VARIABLES_ADMIN', '*.*');
    await succeeds(args, { server, env: account.env });
    expect(await server.query('SHOW TABLES', database)).toBe('too_wide');
  },
);
