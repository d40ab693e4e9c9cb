import { expect, test } from 'vitest';
import { damageSql } from '../fixtures/damage.ts';
import { tortureSql } from '../fixtures/torture/torture-schema.ts';
import { backUp, expectSameDump, manifestOf, restore } from '../harness/backup.ts';
import { databaseToBeMade, freshDatabase } from '../harness/database.ts';
import { describeEachServer } from '../harness/describe-each-server.ts';

describeEachServer('the torture schema', (server) => {
  test.each([
    { method: 'gzip', args: [], extension: '.sql.gz' },
    { method: 'zstd', args: ['--compress=zstd'], extension: '.sql.zst' },
    { method: 'none', args: ['--compress=none'], extension: '.sql' },
  ])(
    'comes back byte for byte after damage of every kind, through $method',
    async ({ method, args, extension }) => {
      const database = await freshDatabase(server, { sql: tortureSql(server) });
      const before = await server.dump(database);
      const path = await backUp(server, database, args);
      expect(path.endsWith(extension)).toBe(true);
      expect((await manifestOf(path)).file.compression).toBe(method);
      await server.sql(damageSql(server), database);
      expect((await server.dump(database)).equals(before)).toBe(false);

      await restore(server, `${database}/latest`, database);

      expectSameDump(await server.dump(database), before);
    },
  );

  test('comes back byte for byte under another name', async () => {
    const database = await freshDatabase(server, { sql: tortureSql(server) });
    const copy = databaseToBeMade(server);
    const path = await backUp(server, database);

    expect(await restore(server, path, copy, ['--to', copy])).toBe('');

    expectSameDump(await server.dump(copy), await server.dump(database));
  });

  test('comes back whatever the damage was, by the undo command of a restore', async () => {
    const database = await freshDatabase(server, { sql: tortureSql(server) });
    const path = await backUp(server, database);
    await server.sql(damageSql(server), database);
    const damaged = await server.dump(database);
    const undo = await restore(server, path, database);

    await restore(server, undo.split(' ')[2] ?? '', database);

    expectSameDump(await server.dump(database), damaged);
  });
});
