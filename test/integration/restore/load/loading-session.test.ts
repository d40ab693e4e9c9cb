import { execa } from 'execa';
import { expect, test } from 'vitest';
import { connectServer } from '../../../../src/server/connect/server.ts';
import { LoadingSession } from '../../../../src/restore/load/parallel/loading-session.ts';
import type { Connection } from '../../../../src/server/connect/connection.ts';
import { SESSION_VARIABLES } from '../../../../src/server/session/session-variables.ts';
import { expectSameDump, succeeds } from '../../../harness/backup.ts';
import { databaseToBeMade, freshDatabase } from '../../../harness/database.ts';
import { describeEachServer } from '../../../harness/describe-each-server.ts';
import { seenLogin } from '../../../harness/seen-login.ts';
import { sessionVariableNames } from '../../../harness/session-variables.ts';

function connectionTo(endpoint: Connection['endpoint']): Connection {
  return {
    endpoint,
    user: 'root',
    password: undefined,
    database: undefined,
    ssl: { mode: 'DISABLED' },
    sources: {},
  };
}

/** Of the stock clients alone, and why not of ours. */
const ONLY_STOCK: Readonly<Record<string, string>> = {
  MULTI_STATEMENTS: 'a statement of a dump is one statement',
  PS_MULTI_RESULTS: 'nothing is prepared',
  SESSION_TRACK: 'the driver would follow what a dump sets',
  LOCAL_FILES: "a server may ask for any file; MySQL's client says so even when it was told not to",
};
/** What each driver offers; it changes how packets are written, and nothing that is stored. */
const OF_THE_PACKETS = new Set([
  'PLUGIN_AUTH_LENENC_CLIENT_DATA',
  'DEPRECATE_EOF',
  'OPTIONAL_RESULTSET_METADATA',
  'QUERY_ATTRIBUTES',
  'MULTI_FACTOR_AUTHENTICATION',
  'CAN_HANDLE_EXPIRED_PASSWORDS',
]);

/** What a loading session sets for itself, whatever the server gives new sessions, beside `SESSION_VARIABLES`. */
const OURS = new Set(['autocommit', 'foreign_key_checks', 'sql_notes', 'innodb_lock_wait_timeout']);
/** Another one for each session. */
const NEVER_THE_SAME = new Set(['pseudo_thread_id', 'rand_seed1', 'rand_seed2', 'statement_id', 'timestamp']);

describeEachServer('a session that loads', (server) => {
  test('logs in as the stock client does', async () => {
    const { greetedVersion, flavour } = server;
    const stock = await seenLogin(greetedVersion, (port) =>
      execa(
        server.client,
        [
          ...['--no-defaults', '--host=127.0.0.1', `--port=${port}`, '--user=anyone', '--local-infile=0'],
          flavour === 'mysql' ? '--ssl-mode=DISABLED' : '--skip-ssl',
          '--database=shop', // without which one flag is not said
        ],
        { input: 'SELECT 1;', reject: false },
      ),
    );
    const ours = await seenLogin(greetedVersion, (port) =>
      connectServer(
        connectionTo({ kind: 'tcp', host: '127.0.0.1', port }),
        AbortSignal.timeout(10_000),
        'loading',
      ),
    );

    const compared = (flags: readonly string[]) =>
      flags.filter((flag) => !OF_THE_PACKETS.has(flag) && !(flag in ONLY_STOCK)).sort();
    expect(compared(ours)).toEqual(compared(stock));
    expect(ours.filter((flag) => flag in ONLY_STOCK)).toEqual([]);
  });

  test('is one of the stock client in all variables but those that a load needs', async () => {
    const database = await freshDatabase(server);
    const sql = `SELECT LOWER(VARIABLE_NAME) AS name, VARIABLE_VALUE AS value FROM ${
      server.flavour === 'mysql' ? 'performance_schema' : 'information_schema'
    }.session_variables`;
    const names = await sessionVariableNames(server);
    const stock = (await server.query(sql, database))
      .split('\n')
      .map((line) => line.split('\t'))
      .filter(([name = '']) => names.has(name)); // what is the server's may have moved since: tests of other files write
    await using session = await LoadingSession.open(
      connectionTo({ kind: 'socket', path: server.socket }),
      database,
      [],
      AbortSignal.timeout(60_000),
    );
    const ours = new Map((await session.server.query(sql)).map(({ name, value }) => [name, value]));

    const needed = new Set(
      SESSION_VARIABLES.filter(({ uses }) => uses.includes('loading')).map(({ name }) => name),
    );
    const differing = stock
      .filter(([name = '', value = '']) => ours.has(name) && ours.get(name) !== value)
      .map(([name = '']) => name)
      .filter((name) => !needed.has(name) && !OURS.has(name) && !NEVER_THE_SAME.has(name));
    expect(stock.length).toBeGreaterThan(100);
    expect(differing).toEqual([]);
  });
});

/** What a program writes that leaves sql_mode as it is. */
const WITHOUT_MODE = `
CREATE TABLE \`position\` (\`id\` INT PRIMARY KEY, \`count\` INT);
INSERT INTO position (id, count) VALUES (1, 2), (3, 4);
DELIMITER ;;
CREATE PROCEDURE \`of_position\`() SELECT COUNT(*) FROM position ;;
CREATE FUNCTION \`twice\`(n INT) RETURNS INT DETERMINISTIC RETURN 2 * n ;;
CREATE TRIGGER \`counted\` BEFORE INSERT ON \`position\` FOR EACH ROW SET NEW.count = twice(NEW.count) ;;
CREATE EVENT \`monthly\` ON SCHEDULE EVERY 1 MONTH STARTS '2030-01-01 00:00:00' DISABLE DO DELETE FROM position ;;
DELIMITER ;
-- Dump completed
`;

describeEachServer('a dump that sets no sql_mode', (server) => {
  test.each([
    { how: 'beside the target', args: [] },
    { how: 'in place', args: ['--in-place'] },
  ])('comes out $how as the stock client makes it', async ({ args }) => {
    const expected = await freshDatabase(server, { sql: WITHOUT_MODE });
    const target = databaseToBeMade(server);

    await succeeds(['restore', '-', '--to', target, ...args], { server, input: WITHOUT_MODE });

    expectSameDump(await server.dump(target), await server.dump(expected));
  });
});
