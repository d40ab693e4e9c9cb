import { execa } from 'execa';
import { expect, test } from 'vitest';
import { damageSql } from '../fixtures/damage.ts';
import { tortureSql } from '../fixtures/torture/torture-schema.ts';
import { backUp, expectSameDump, manifestOf, restore } from '../harness/backup.ts';
import { runInShell } from '../harness/shell.ts';
import { databaseToBeMade, freshDatabase } from '../harness/database.ts';
import { describeEachServer } from '../harness/describe-each-server.ts';

describeEachServer('the torture schema', (server) => {
  test('comes back byte for byte after damage of every kind, and the printed command undoes even that', async () => {
    const database = await freshDatabase(server, { sql: tortureSql(server) });
    const before = await server.dump(database);
    await backUp(server, database);
    await server.sql(damageSql(server), database);
    const damaged = await server.dump(database);
    expect(damaged.equals(before)).toBe(false);

    const undo = await restore(server, `${database}/latest`, database);
    expectSameDump(await server.dump(database), before);

    await runInShell(undo, server);
    expectSameDump(await server.dump(database), damaged);
  });

  test.each([
    { method: 'zstd', extension: '.sql.zst', tool: ['zstd', '-dc'] },
    { method: 'none', extension: '.sql', tool: ['cat'] },
    { method: 'gzip:9', extension: '.sql.gz', tool: ['gunzip', '-c'] },
  ])('comes back byte for byte through $method, and through stock tools alone', async (form) => {
    const database = await freshDatabase(server, { sql: tortureSql(server) });
    const before = await server.dump(database);
    const path = await backUp(server, database, [`--compress=${form.method}`]);
    expect(path.endsWith(form.extension)).toBe(true);
    expect((await manifestOf(path)).options['compress']).toMatch(form.method);

    const copy = databaseToBeMade(server);
    expect(await restore(server, path, copy, ['--to', copy])).toBe('');
    expectSameDump(await server.dump(copy), before);

    const byHand = await freshDatabase(server);
    const [program = '', ...args] = [...form.tool, path];
    const { stdout: sql } = await execa(program, args, { encoding: 'buffer', maxBuffer: 2 ** 28 });
    await server.sql(sql, byHand);
    expectSameDump(await server.dump(byHand), before);
  });
});
