import { expect, test } from 'vitest';
import { backUp, restore, succeeds } from '../../../harness/backup.ts';
import { freshDatabase } from '../../../harness/database.ts';
import { describeEachFlavour, isTurnOf } from '../../../harness/describe-each-server.ts';

const SQL = `
  CREATE TABLE t (id INT PRIMARY KEY, v INT);
  INSERT INTO t VALUES (1, 1), (2, 2), (3, 3);
  CREATE TABLE plain (id INT PRIMARY KEY);
`;
const EXPIRED = `
  SET timestamp = UNIX_TIMESTAMP('2020-01-01');
  CREATE EVENT past ON SCHEDULE AT '2020-01-02' DISABLE DO SELECT 1;
  CREATE EVENT kept ON SCHEDULE AT '2020-01-02' ON COMPLETION PRESERVE DISABLE DO SELECT 1;
`;

describeEachFlavour('statistics of a table', (server) => {
  test.each([[[]], [['--in-place']]])(
    'come back with a restore (%s), or are told to be lost',
    async (args) => {
      const database = await freshDatabase(server, { sql: SQL });
      if (server.flavour === 'mysql') {
        const histograms = (): Promise<string> =>
          server.query(
            `SELECT TABLE_NAME, COLUMN_NAME, JSON_EXTRACT(HISTOGRAM, '$."number-of-buckets-specified"')
            FROM information_schema.COLUMN_STATISTICS WHERE SCHEMA_NAME = '${database}'`,
          );
        await server.query('ANALYZE TABLE t UPDATE HISTOGRAM ON v WITH 7 BUCKETS', database);
        const backup = await backUp(server, database);
        await server.query('ANALYZE TABLE t DROP HISTOGRAM ON v', database);

        const undo = await restore(server, backup, database, args);
        expect(await histograms()).toBe('t\tv\t7');
        await succeeds(undo.split(' ').slice(1), { server });
        expect(await histograms()).toBe('');
        return;
      }
      await server.query('ANALYZE TABLE t PERSISTENT FOR ALL', database);
      const backup = await backUp(server, database);
      const { stderr } = await succeeds(['restore', backup, '--confirm', database, ...args], { server });
      expect(stderr).toContain(
        `warning: Persistent statistics of tables of ${database} will be lost: t. To collect them again afterwards: ANALYZE TABLE \`${database}\`.\`t\` PERSISTENT FOR ALL;`,
      );
    },
  );
});

describeEachFlavour('an event whose time has passed', (server, servers) => {
  // What is told is the same in place, so that one of the servers is asked.
  const ways = [[[]], ...(isTurnOf('in place', server, servers) ? [[['--in-place']]] : [])];
  test.each(ways)('fails no restore (%s), and is told', async (args) => {
    const database = await freshDatabase(server, { sql: `${SQL} ${EXPIRED}` });
    const backup = await backUp(server, database);
    const told = 'The event past of the backup could not be kept in ';

    const rehearsed = await succeeds(['verify', backup, '--rehearse'], { server });
    expect(rehearsed.stderr).toContain(told);
    const { stderr } = await succeeds(['restore', backup, '--confirm', database, ...args], { server });

    expect(stderr).toContain(`warning: ${told}${database}: its time has passed`);
    expect(await server.query(`SHOW EVENTS FROM \`${database}\``)).toContain('kept');
    expect(await server.query('SELECT COUNT(*) FROM t', database)).toBe('3');
  });
});
