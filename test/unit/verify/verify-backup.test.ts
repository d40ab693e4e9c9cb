import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, test } from 'vitest';
import { verifyBackup } from '../../../src/verify/verify-backup.ts';
import { DbBackupError } from '../../../src/run/errors.ts';
import type { Manifest } from '../../../src/backups/record/manifest.ts';
import { temporaryFolder } from '../../harness/workspace.ts';
import { putFile } from '../backups/planted-files.ts';
import { someManifest } from '../cli/render/some-backups.ts';
import { dumpFile } from '../../fixtures/some-dumps.ts';
import { quietRuntime } from '../run/quiet-runtime.ts';

const SQL = readFileSync(dumpFile('mariadb-11.8.sql'), 'utf8');
const TABLES = ['s1', 'c', 'p', 'sv', 't', 'we`ird; name'];

let directory = '';
beforeEach(async () => {
  directory = await temporaryFolder();
});

/** Puts a backup of this text, with a manifest that fits but for the changes; undefined: without one. */
function put(
  sql: string | Buffer,
  changes: Partial<Manifest['file']> | undefined = {},
  tables = TABLES,
): string {
  const content = gzipSync(sql);
  const path = putFile(directory, 'shop', 'manual.sql.gz', content);
  const file = {
    name: 'manual.sql.gz',
    sizeBytes: content.length,
    sha256: createHash('sha256').update(content).digest('hex'),
    compression: 'gzip' as const,
    uncompressedBytes: Buffer.byteLength(sql),
    ...changes,
  };
  const listed = tables.map((name) => ({ name, engine: 'InnoDB', uncompressedBytes: 1, offsetBytes: null }));
  putFile(
    directory,
    'shop',
    'manual.json',
    JSON.stringify(someManifest({ name: 'manual', file, tables: listed })),
  );
  return path;
}

const verify = (reference = 'shop/manual', runtime = quietRuntime()) =>
  verifyBackup({ reference, directory }, runtime);

describe('verifyBackup', () => {
  test('proves a backup, and says what it holds', async () => {
    put(SQL);

    const { backup, findings, uncompressedBytes } = await verify();

    expect(backup).toMatchObject({ database: 'shop', state: 'complete' });
    expect(findings.inventory.tables).toEqual([...TABLES].sort());
    expect(uncompressedBytes).toBe(Buffer.byteLength(SQL));
  });

  test('tells how far it has read', async () => {
    const path = put(SQL);
    const runtime = quietRuntime();
    await verify('shop/manual', runtime);
    const size = readFileSync(path).length;

    expect(runtime.events.at(-1)).toEqual({ kind: 'bytes', doneBytes: size, totalBytes: size });
  });

  test.each<{ title: string; put: () => void; code?: string; problem: string; hint?: string }>([
    {
      title: 'another hash',
      put: () => put(SQL, { sha256: 'ab'.repeat(32) }),
      problem: 'was changed: its sha256 differs from the manifest.',
    },
    {
      title: 'less SQL than the manifest says',
      put: () => put(SQL, { uncompressedBytes: 1_000_000 }),
      problem: `holds ${Buffer.byteLength(SQL)} bytes of SQL, but its manifest says 1000000.`,
    },
    {
      title: 'more SQL than the manifest says',
      put: () => put(SQL, { uncompressedBytes: 10 }),
      problem: 'holds more than its manifest says.',
    },
    {
      title: 'another size',
      put: () => put(SQL, { sizeBytes: 1 }),
      problem: 'is damaged: it has ',
    },
    {
      title: 'a table too few',
      put: () => put(SQL, {}, [...TABLES, 'lost']),
      problem: 'lacks tables listed in its manifest: lost.',
    },
    {
      title: 'no end line',
      put: () => put(SQL.slice(0, SQL.lastIndexOf('-- Dump completed'))),
      problem:
        "does not end with the dump tool's last line (-- Dump completed): it is truncated, or was made without comments.",
      hint: 'Nothing was touched. If you know that it is complete, add --allow-incomplete.',
    },
    {
      title: 'rows without their table',
      put: () => put('INSERT INTO `x` VALUES (1);\n-- Dump completed\n', {}, []),
      problem: 'has rows for tables that it does not create (x); dbbackup restores only whole tables.',
    },
    {
      title: 'half a statement',
      put: () => put("CREATE TABLE `x` (`id` int DEFAULT 'a\n);\n-- Dump completed\n", {}, []),
      problem: "does not end with the dump tool's last line",
      hint: 'Nothing was touched. If you know that it is complete, add --allow-incomplete.',
    },
    {
      title: 'something else',
      put: () => put('<!doctype html><html></html>', {}, []),
      problem: 'is not an SQL dump: it looks like HTML.',
    },
    {
      title: 'a statement that reaches out',
      put: () => put(`GRANT ALL ON *.* TO 'x'@'%';\n${SQL}`),
      code: 'unsafe',
      problem: 'contains statements that reach outside the target database:\n  line 1 ',
      hint: 'Nothing was touched. dbbackup made this backup, so the database itself contains them; please report this as a bug. The mysql client can load the file as it is.',
    },
    {
      title: 'many such statements',
      put: () => put(`${"GRANT ALL ON *.* TO 'x'@'%';\n".repeat(7)}${SQL}`),
      code: 'unsafe',
      problem: '\n  and 2 more',
      hint: 'Nothing was touched. dbbackup made this backup, so the database itself contains them; please report this as a bug. The mysql client can load the file as it is.',
    },
    {
      title: 'several databases',
      put: () => put(readFileSync(dumpFile('mariadb-11.8-two-databases.sql'), 'utf8'), {}, []),
      code: 'unsafe',
      problem: 'is a dump of several databases: shop, stock.',
      hint: 'Nothing was touched. restore takes one of them with --from-database NAME, or each into its own with --all.',
    },
  ])('refuses $title', async ({ put, code = 'damaged', problem, hint }) => {
    put();

    const error: unknown = await verify().catch((failure: unknown) => failure);

    expect(error).toMatchObject({ code });
    expect((error as DbBackupError).message).toContain(`${directory}/shop/manual.sql.gz `);
    expect((error as DbBackupError).message).toContain(problem);
    expect((error as DbBackupError).hint).toBe(
      hint ?? 'Nothing was touched. Use another backup; list shows them.',
    );
  });

  test.each([
    ['a zip archive', 'PK\x03\x04', 'unzip -p'],
    ['bzip2', 'BZh91AY', 'bzcat'],
    ['xz', '\xfd7zXZ\0', 'xzcat'],
  ])('says how to unpack what looks like %s', async (what, start, unpacker) => {
    put(Buffer.from(start, 'latin1'), {}, []);
    const path = join(directory, 'shop/manual.sql.gz');

    await expect(verify()).rejects.toMatchObject({
      code: 'damaged',
      message: `${path} is not an SQL dump: it looks like ${what}.`,
      hint: `Nothing was touched. Unpack it:\n${unpacker} ${path} | dbbackup restore - --to <database>`,
    });
  });

  test('without a manifest refuses what inflates beyond all reason', { timeout: 60_000 }, async () => {
    const comment = Buffer.alloc(64 * 1024 * 1024, 'x');
    comment.write('-- ');
    comment.write('\n', comment.length - 1);
    const member = gzipSync(comment);
    const path = join(directory, 'bomb.sql.gz');
    writeFileSync(path, Buffer.concat(Array<Buffer>(17).fill(member)));

    await expect(verify(path)).rejects.toMatchObject({
      code: 'damaged',
      message: `${path} holds more than any dump of its size can.`,
    });
  });

  test('ends when the run is cancelled', async () => {
    put(SQL);
    const reason = new DbBackupError('interrupted', 'Cancelled by SIGINT.');

    await expect(verify('shop/manual', quietRuntime({ signal: AbortSignal.abort(reason) }))).rejects.toBe(
      reason,
    );
  });
});
