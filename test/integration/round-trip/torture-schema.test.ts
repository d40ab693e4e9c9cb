import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { oddDatabaseNames } from '../../fixtures/torture/odd-names.ts';
import { tortureSql } from '../../fixtures/torture/torture-schema.ts';
import { expectSameDump, succeeds } from '../../harness/backup.ts';
import { databaseToBeMade, freshDatabase } from '../../harness/database.ts';
import { describeEachServer } from '../../harness/describe-each-server.ts';
import { quoted } from '../../harness/test-server.ts';
import { workspace } from '../../harness/workspace.ts';

describeEachServer('the torture schema', (server) => {
  test('is loaded whole, comes back byte for byte through the stock tools, so that any difference is ours, and so by a restore of the same dump', async () => {
    const database = await freshDatabase(server, { sql: tortureSql(server) });
    const dump = await server.dump(database);

    const stock = await server.stockDump(database);
    const copy = await freshDatabase(server, { sql: stock });

    expect((await server.dump(copy)).equals(dump)).toBe(true);

    const path = join((await workspace()).folder, 'stock.sql');
    await writeFile(path, stock);
    const target = databaseToBeMade(server);
    const { stderr } = await succeeds(['restore', path, '--to', target], { server });

    expect(stderr).toContain('No manifest found');
    expect(stderr).not.toContain('does not have'); // nothing is another's
    expectSameDump(await server.dump(target), dump);

    const count = (from: string, schema: string) =>
      server.query(`SELECT COUNT(*) FROM information_schema.${from} WHERE ${schema} = '${database}'`);

    expect(Number(await count('tables', 'table_schema'))).toBeGreaterThan(130);
    expect(Number(await count('routines', 'routine_schema'))).toBeGreaterThan(15);
    expect(Number(await count('triggers', 'trigger_schema'))).toBeGreaterThan(10);
    expect(Number(await count('events', 'event_schema'))).toBe(4);
    expect(await server.query('SELECT COUNT(*) FROM single_bytes WHERE ORD(in_blob) = value', database)).toBe(
      '256',
    );
  });
});

describeEachServer('odd database names', (server) => {
  test('are all taken by the server', async () => {
    const names = oddDatabaseNames('taken');
    const remove = () =>
      server.sql(names.map((name) => `DROP DATABASE IF EXISTS ${quoted(name)};\n`).join(''));
    onTestFinished(async () => {
      await remove();
    });
    await remove(); // what a run that was killed has left

    await server.sql(names.map((name) => `CREATE DATABASE ${quoted(name)};\n`).join(''));

    const all = (await server.query('SELECT HEX(schema_name) FROM information_schema.schemata')).split('\n');
    expect(all).toEqual(
      expect.arrayContaining(names.map((name) => Buffer.from(name).toString('hex').toUpperCase())),
    );
  });
});
