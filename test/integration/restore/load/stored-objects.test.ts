import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MISREAD_OBJECTS, storedObjectsSql } from '../../../fixtures/stored-objects.ts';
import { backUp, expectSameDump, restore, succeeds } from '../../../harness/backup.ts';
import { databaseToBeMade, freshDatabase } from '../../../harness/database.ts';
import { describeEachFlavour } from '../../../harness/describe-each-server.ts';
import { workspace } from '../../../harness/workspace.ts';

describeEachFlavour('stored objects that are easily misread', (server) => {
  test.each(MISREAD_OBJECTS)(
    'come back byte for byte from a backup, its undo, and a stock dump: $title',
    async (objects) => {
      const sql = storedObjectsSql(objects);
      const database = await freshDatabase(server, { name: objects.database, sql });
      const before = await server.dump(database);
      const path = await backUp(server, database);
      // A rehearsal makes them in a schema of another name, as the restore of the stock dump below does.
      if (objects === MISREAD_OBJECTS[0]) await succeeds(['verify', '--rehearse', path], { server });

      const undo = await restore(server, path, database);
      expectSameDump(await server.dump(database), before);

      await succeeds(undo.split(' ').slice(1), { server });
      expectSameDump(await server.dump(database), before);

      await restore(server, path, database, ['--in-place', '--no-safety-backup']);
      expectSameDump(await server.dump(database), before);

      // From the stock tool's own dump, under another name. What the comparison leaves out, and a restore needs to know
      // whose names these are, is its head.
      const stock = join((await workspace()).folder, 'stock.sql');
      const head = Buffer.from(`-- Host: localhost    Database: ${database}\n`);
      await writeFile(stock, Buffer.concat([head, before]));
      const target = databaseToBeMade(server);
      await succeeds(['restore', stock, '--to', target], { server });
      expectSameDump(withoutHeads(await server.dump(target), target), withoutHeads(before, database));
    },
  );
});

describeEachFlavour('a view of a table that only the target has', (server) => {
  test('is tried as it is written, with a warning, because its table is not in the staging schema', async () => {
    const database = await freshDatabase(server, { sql: 'CREATE TABLE stays (id INT);' });
    const dump = [
      `-- Host: localhost    Database: ${database}`,
      'CREATE TABLE `t` (`id` int);',
      `CREATE VIEW \`${database}\`.\`v\` AS select \`stays\`.\`id\` AS \`id\` from \`${database}\`.\`stays\`;`,
      '-- Dump completed',
      '',
    ].join('\n');
    const path = join((await workspace()).folder, 'part.sql');
    await writeFile(path, dump);

    const args = ['restore', path, '--to', database, '--confirm', database, '--keep-extra'];
    const { stderr } = await succeeds(args, { server });

    expect(stderr).toContain('The view v could not be checked against the restored tables');
    expect(await server.query('SELECT COUNT(*) FROM v', database)).toBe('0');
  });
});

/** MariaDB's triggers name the database that they are made in where they were made so. */
function withoutHeads(dump: Buffer, database: string): Buffer {
  const names = new RegExp(`(TRIGGER| ON) (?:\`${database}\`|${database})\\.`, 'g');
  return Buffer.from(dump.toString('latin1').replace(names, '$1 '), 'latin1');
}
