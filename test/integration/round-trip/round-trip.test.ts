import { execa } from 'execa';
import { expect, test } from 'vitest';
import { damageSql } from '../../fixtures/damage.ts';
import { SHOP_SQL } from '../../fixtures/shop.ts';
import { tortureSql } from '../../fixtures/torture/torture-schema.ts';
import { backUp, expectSameDump, manifestOf, restore, succeeds } from '../../harness/backup.ts';
import { databaseToBeMade, freshDatabase } from '../../harness/database.ts';
import {
  describeEachServer,
  describeOneServer,
  oneOfEachFlavour,
} from '../../harness/describe-each-server.ts';
import { wordsOf } from '../../harness/printed-commands.ts';
import type { TestServer } from '../../harness/test-server.ts';

const PLAIN = { compress: 'none', extension: '.sql', decompress: ['cat'] } as const;
const COMPRESSED = [
  { compress: 'gzip:9', extension: '.sql.gz', decompress: ['gunzip', '-c'] },
  { compress: 'zstd', extension: '.sql.zst', decompress: ['zstd', '-dc'] },
] as const;

/** What is in a backup depends on the release; how it comes into the place of other tables, on the flavour. */
const returning = oneOfEachFlavour('the return of the torture schema');

describeEachServer('the torture schema', (server) => {
  test('comes back byte for byte under another name, by us and by the stock client alone, and after damage of every kind, which the printed command brings back', async () => {
    const database = await freshDatabase(server, { sql: tortureSql(server) });
    const before = await server.dump(database);
    await expectToComeBack(server, database, PLAIN);
    if (!returning.some(({ name }) => name === server.name)) return;

    await server.sql(damageSql(server), database);
    const damaged = await server.dump(database);
    expect(damaged.equals(before)).toBe(false);

    const undo = await restore(server, `${database}/latest`, database, ['--in-place']);
    expectSameDump(await server.dump(database), before);

    await succeeds(wordsOf(undo), { server });
    expectSameDump(await server.dump(database), damaged);

    await server.sql('DROP VIEW types_numbers;', database); // in the place of a table: only an in-place restore takes that
    const args = ['restore', `${database}/latest`, '--confirm', database, '--no-safety-backup', '--json'];
    const { stdout } = await succeeds(args, { server });
    expect(JSON.parse(stdout)).toMatchObject({ restored: { method: 'staging' } });
    expectSameDump(await server.dump(database), before);
  });
});

// What is in the file is the same whatever it is compressed with.
describeOneServer('a database', (server) => {
  test.each(COMPRESSED)(
    'comes back byte for byte through $compress, by us and by stock tools alone',
    async (form) => {
      await expectToComeBack(server, await freshDatabase(server, { sql: SHOP_SQL }), form);
    },
  );
});

async function expectToComeBack(
  server: TestServer,
  database: string,
  { compress, extension, decompress }: typeof PLAIN | (typeof COMPRESSED)[number],
): Promise<void> {
  const before = await server.dump(database);
  const path = await backUp(server, database, [`--compress=${compress}`]);
  expect(path.endsWith(extension)).toBe(true);
  expect((await manifestOf(path)).options['compress']).toContain(compress);

  const copy = databaseToBeMade(server);
  expect(await restore(server, path, copy, ['--to', copy])).toBe(''); // nothing to undo
  expectSameDump(await server.dump(copy), before);

  const byHand = await freshDatabase(server);
  const [program, ...args] = decompress;
  const { stdout: sql } = await execa(program, [...args, path], {
    encoding: 'buffer',
    maxBuffer: 2 ** 28,
  });
  await server.sql(sql, byHand);
  expectSameDump(await server.dump(byHand), before);
}
