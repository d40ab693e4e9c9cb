import { expect, test } from 'vitest';
import { manyRowsSql, manyTablesSql } from '../../fixtures/large-databases.ts';
import { freshDatabase } from '../../harness/database.ts';
import { describeEachServer, describeOneServer } from '../../harness/describe-each-server.ts';
import { SqlError } from '../../harness/statements.ts';

describeEachServer('a test server', (server) => {
  test('answers through its own client', async () => {
    expect(await server.query('SELECT VERSION()')).toContain(server.version);
  });

  test('gives each test an empty database', async () => {
    const database = await freshDatabase(server);

    expect(await server.query('SHOW TABLES', database)).toBe('');
  });

  test('is sent every byte as it is', async () => {
    const bytes = Buffer.from([0x00, 0x01, 0x0d, 0x0a, 0x1a, 0xff, 0x5c, 0x5c]);
    const script = Buffer.concat([Buffer.from("SELECT HEX(_binary'"), bytes, Buffer.from("');\n")]);

    expect(await server.sql(script)).toBe('00010D0A1AFF5C');
  });

  test('tells what it refuses', async () => {
    await expect(server.query('SELECT nonsense')).rejects.toThrow(SqlError);
  });
});

describeOneServer('what tests make', (server) => {
  test('is dumped to the same bytes, whatever the database is called', async () => {
    const first = await freshDatabase(server, { sql: manyRowsSql(100) });
    const second = await freshDatabase(server, { sql: manyRowsSql(100) });

    expect((await server.dump(second)).equals(await server.dump(first))).toBe(true);
  });

  test.each([1, 1000, 1024])('are %i rows', async (rows) => {
    const database = await freshDatabase(server, { sql: manyRowsSql(rows) });

    expect(await server.countRows(database, 'many_rows')).toBe(rows);
  });

  test('are many tables', async () => {
    const database = await freshDatabase(server, { sql: [...manyTablesSql(30)].join('') });

    expect((await server.query('SHOW TABLES', database)).split('\n')).toHaveLength(30);
  });
});
