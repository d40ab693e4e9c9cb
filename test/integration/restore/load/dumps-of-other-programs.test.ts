import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { workingCopy } from '../../../campaign/artefact.ts';
import { inProcess } from '../../../campaign/in-process.ts';
import { OTHER_DUMPS, PRODUCERS } from '../../../fixtures/programs/other-dumps.ts';
import { REFUSED_DUMPS } from '../../../fixtures/programs/refused-dumps.ts';
import { succeeds } from '../../../harness/backup.ts';
import { databaseToBeMade, freshDatabase } from '../../../harness/database.ts';
import { runDbbackup } from '../../../harness/dbbackup.ts';
import { describeEachServer, describeOneServer, testServers } from '../../../harness/describe-each-server.ts';
import { compareWithStockClient } from '../../../harness/other-dump.ts';
import { temporaryFolder, workspace } from '../../../harness/workspace.ts';

/**
 * One of each program, each in another charset and line end, the servers taking turns. What all releases write the
 * guard's unit test reads; `npm run campaign -- --only other-programs` restores all on all.
 */
const SHARE = PRODUCERS.map(({ name }, turn) => {
  const own = OTHER_DUMPS.filter(({ title }) => title.startsWith(`${name} `));
  return own[(5 * turn) % own.length]!;
});

describe('a dump of another program is restored as the stock client loads it', () => {
  describeEachServer('its share', (server) => {
    const servers = testServers();
    const place = servers.findIndex(({ name }) => name === server.name);

    test.each(SHARE.filter((_, turn) => turn % servers.length === place))('$title', async (dump) => {
      const folder = await temporaryFolder();
      await mkdir(join(folder, 'backups'));
      const run = await inProcess(workingCopy(), server, folder);

      await expect(compareWithStockClient({ server, folder, run }, dump)).resolves.toMatch(
        /^(?:same|ours-alone|refused)$/,
      );
    });
  });
});

describeOneServer('a file that no server takes as it is', (server) => {
  test.each(REFUSED_DUMPS)('$title', async ({ bytes, exitCode, words, reachesOutside = false }) => {
    const [database, target] = [await freshDatabase(server), databaseToBeMade(server)];
    const path = join((await workspace()).folder, 'dump.sql');
    await writeFile(path, bytes(database));
    if (!reachesOutside) {
      const stock = await execa(server.client, [...server.clientOptions, database], {
        input: bytes(database),
        reject: false,
      });
      expect(stock.exitCode).not.toBe(0);
    }

    const refused = await runDbbackup(['restore', path, '--to', target, '--allow-incomplete'], { server });

    expect(refused).toMatchObject({ exitCode, signal: undefined });
    expect(refused.stderr).toMatch(words);
    expect(await server.query(`SHOW DATABASES LIKE '${target}'`)).toBe('');
  });
});

describeOneServer('the command that is printed', (server) => {
  const plain = (database: string): Buffer =>
    OTHER_DUMPS.find(({ title }) => title === 'mysqldump 5.5, utf8mb4, LF')!.bytes(database);

  test.each([
    {
      title: 'for a dump of MySQL 4',
      text: (database: string) => plain(database).toString().replaceAll(' ENGINE=', ' TYPE='),
    },
    {
      title: 'for a dump whose last statement has no delimiter',
      text: (database: string) => `${plain(database).toString()}CREATE TABLE last_one (id INT)\n-- end`,
    },
    {
      title: 'for a dump in UTF-16',
      text: (database: string) => Buffer.from(`\uFEFF${plain(database).toString()}`, 'utf16le'),
    },
  ])('$title restores it', async ({ text }) => {
    const target = databaseToBeMade(server);
    const path = join((await workspace()).folder, 'dump.sql');
    await writeFile(path, text(target));
    const { stderr, exitCode } = await runDbbackup(['restore', path, '--to', target, '--allow-incomplete'], {
      server,
    });
    expect(exitCode).not.toBe(0);
    const [, pipe = ''] = /((?:sed|printf|iconv) [^\n]*?) \| dbbackup restore - --to /.exec(stderr) ?? [];

    const { stdout } = await execa('sh', ['-c', pipe], { encoding: 'buffer' });
    await succeeds(['restore', '-', '--to', target, '--allow-incomplete'], { server, input: stdout });

    expect(await server.countRows(target, 'customer')).toBe(5);
  });
});
