import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import { beforeEach, describe, expect, test } from 'vitest';
import { streamDump } from '../../../src/dump/stream-dump.ts';
import { verifyBackups } from '../../../src/verify/verify-backups.ts';
import type { Verification, VerifyBackupsRequest } from '../../../src/verify/verify-backups.ts';
import type { Connection } from '../../../src/server/connect/connection.ts';
import { DbBackupError } from '../../../src/run/errors.ts';
import { temporaryFolder } from '../../harness/workspace.ts';
import { putFile } from '../backups/planted-files.ts';
import { someManifest } from '../cli/render/some-backups.ts';
import { dumpFile } from '../../fixtures/some-dumps.ts';
import { quietRuntime } from '../run/quiet-runtime.ts';

const SQL = readFileSync(dumpFile('mariadb-11.8.sql'), 'latin1');

let directory = '';
beforeEach(async () => {
  directory = await temporaryFolder();
});

/** A backup as create writes it, `.sql.gz` with its manifest. @returns its path. */
async function putBackup(name: string, changes: { label?: string; at?: string; sql?: string } = {}) {
  const chunks: Buffer[] = [];
  const { outline, places, sizeBytes, sha256 } = await streamDump(
    Readable.from([Buffer.from(changes.sql ?? SQL, 'latin1')]) as AsyncIterable<Buffer>,
    'shop',
    { method: 'gzip', level: 6 },
    (bytes) => {
      chunks.push(Buffer.from(bytes));
      return Promise.resolve();
    },
    { env: {}, signal: new AbortController().signal, onBytes: () => undefined },
  );
  outline.finish();
  const manifest = someManifest({
    name,
    label: changes.label ?? 'manual',
    startedAt: changes.at ?? '2026-11-22T00:00:00Z',
    file: {
      name: `${name}.sql.gz`,
      sizeBytes,
      sha256,
      compression: 'gzip',
      uncompressedBytes: outline.bytes,
    },
    tables: outline.sections.map((section) => ({
      name: section.table,
      engine: 'InnoDB',
      uncompressedBytes: section.uncompressedBytes,
      offsetBytes: places.get(section)?.offsetBytes ?? null,
    })),
  });
  putFile(directory, 'shop', `${name}.json`, JSON.stringify(manifest));
  return putFile(directory, 'shop', `${name}.sql.gz`, Buffer.concat(chunks));
}

async function verify(
  references: readonly string[] = [],
  changes: {
    all?: boolean;
    runtime?: ReturnType<typeof quietRuntime>;
    rehearsal?: VerifyBackupsRequest['rehearsal'];
  } = {},
): Promise<readonly Verification[]> {
  const request = {
    directory,
    references,
    all: changes.all ?? false,
    allowIncomplete: false,
    rehearsal: changes.rehearsal,
  };
  const told: Verification[] = [];
  const follower = {
    begins: () => undefined,
    ended: (verification: Verification) => Promise.resolve(void told.push(verification)),
  };
  const all = await verifyBackups(request, changes.runtime ?? quietRuntime(), follower);
  expect(told).toEqual(all);
  return all;
}

const codes = (verifications: readonly Verification[]) =>
  verifications.map(({ reference, error }) => [reference, error?.code ?? 'whole']);

describe('verifyBackups', () => {
  test('says what it proved of a backup, and what not', async () => {
    await putBackup('a');

    const [found] = await verify(['shop/a']);

    expect(found).toMatchObject({ reference: 'shop/a', error: undefined, backup: { name: 'a' } });
    expect(found?.proof?.proved).toEqual([
      'the sha256 of the file matches the manifest',
      'the file decompresses to its end',
      "the final '-- Dump completed' line is present",
      expect.stringMatching(/^all \d+ tables of the manifest are present, with matching sizes$/),
      expect.stringMatching(/^no statement reaches outside of one database \(\d+ checked\)$/),
    ]);
    expect(found?.proof?.notProved).toEqual(['whether a server accepts it: --rehearse']);
  });

  test('takes the newest of each database, and a safety backup only where there is no other', async () => {
    await putBackup('old', { at: '2026-11-20T00:00:00Z' });
    await putBackup('new', { at: '2026-11-21T00:00:00Z' });
    await putBackup('safe', { at: '2026-11-22T00:00:00Z', label: 'pre-restore' });

    expect(codes(await verify())).toEqual([['shop/new', 'whole']]);
    expect(codes(await verify([], { all: true }))).toEqual([
      ['shop/safe', 'whole'],
      ['shop/new', 'whole'],
      ['shop/old', 'whole'],
    ]);
    for (const name of ['old', 'new']) rmSync(join(directory, `shop/${name}.sql.gz`));
    expect(codes(await verify())).toEqual([['shop/safe', 'whole']]);
  });

  test('reads the others when one is damaged, and each once', async () => {
    const path = await putBackup('a');
    await putBackup('b');
    await putBackup('c', { sql: `GRANT ALL ON *.* TO x;\n${SQL}` });
    writeFileSync(path, '');

    expect(codes(await verify(['shop/a', 'shop/b', path, 'shop/c']))).toEqual([
      ['shop/a', 'damaged'],
      ['shop/b', 'whole'],
      ['shop/c', 'unsafe'],
    ]);
  });

  test('reads what comes on stdin', async () => {
    const runtime = quietRuntime({ stdin: Readable.from([Buffer.from(SQL, 'latin1')]) });

    const [found] = await verify(['-'], { runtime });

    expect(found).toMatchObject({ reference: '-', error: undefined });
    expect(found?.proof?.notProved).toContain('whether it is what was once written: there is no manifest');
  });

  test('fails before it reads anything when one is not there', async () => {
    await putBackup('a');

    await expect(verify(['shop/a', 'shop/x'])).rejects.toMatchObject({ code: 'not-found' });
  });

  test('fails when there is no backup at all', async () => {
    await expect(verify()).rejects.toMatchObject({
      code: 'not-found',
      message: `There are no backups in ${directory}.`,
    });
  });

  test('ends with the one that was cancelled', async () => {
    await putBackup('a');
    await putBackup('b');
    const signal = AbortSignal.abort(new DbBackupError('interrupted', 'Cancelled by SIGINT.'));

    expect(codes(await verify([], { all: true, runtime: quietRuntime({ signal }) }))).toHaveLength(1);
  });

  test('names the table that the damage is in, and where that lies', async () => {
    const path = await putBackup('a');
    const manifest = JSON.parse(readFileSync(join(directory, 'shop/a.json'), 'utf8')) as {
      tables: { name: string; offsetBytes: number }[];
    };
    const [first, second] = [...manifest.tables].sort((a, b) => a.offsetBytes - b.offsetBytes);
    const bytes = readFileSync(path);
    bytes[first!.offsetBytes + 30]! ^= 0x10;
    writeFileSync(path, bytes);

    const [found] = await verify(['shop/a']);

    expect(found?.error?.message).toContain(
      ` Damaged: the table ${first!.name} (bytes ${first!.offsetBytes} to ${second!.offsetBytes} of the file).`,
    );
  });

  test('names the part before the first table, and of a file that is cut off the last tables', async () => {
    const path = await putBackup('a');
    const whole = readFileSync(path);
    const flipped = Buffer.from(whole);
    flipped[30]! ^= 0x10;
    writeFileSync(path, flipped);
    const [first] = await verify(['shop/a']);
    writeFileSync(path, whole.subarray(0, -1));
    const [second] = await verify(['shop/a']);

    expect(first?.error?.message).toMatch(
      / Damaged: the part before the first table \(bytes 0 to \d+ of the file\)\.$/,
    );
    expect(second?.error?.message).toMatch(
      / Damaged: the table .+ or what follows it \(bytes \d+ to \d+ of the file\)\.$/,
    );
  });

  test('finds a table that the manifest does not list', async () => {
    await putBackup('a');
    const manifest = JSON.parse(readFileSync(join(directory, 'shop/a.json'), 'utf8')) as {
      tables: { name: string }[];
    };
    const tables = manifest.tables.filter(({ name }) => name !== 't');
    putFile(directory, 'shop', 'a.json', JSON.stringify({ ...manifest, tables }));

    const [found] = await verify(['shop/a']);

    expect(found?.error?.message).toMatch(/ has a table that its manifest does not list: t\.$/);
  });

  test('finds the table that a row was taken from in a copy whose hash and size were made to fit', async () => {
    await putBackup('whole');
    const rows = /(INSERT INTO `t` VALUES\n)\(.*\),\n/;
    expect(SQL).toMatch(rows);
    await putBackup('a', { sql: SQL.replace(rows, '$1') });
    const read = (name: string) =>
      JSON.parse(readFileSync(join(directory, `shop/${name}.json`), 'utf8')) as Record<string, unknown>;
    putFile(directory, 'shop', 'a.json', JSON.stringify({ ...read('a'), tables: read('whole')['tables'] }));

    const [found] = await verify(['shop/a']);

    expect(found?.error).toMatchObject({ code: 'damaged' });
    expect(found?.error?.message).toContain('was changed: the section of the table t has ');
  });
});

test('what can only be loaded as it stands is read, and not rehearsed', async () => {
  await putBackup('a', { sql: SQL.replace(/^LOCK TABLES (`\w+`)/m, 'SET CHARACTER SET utf8mb4;\n$&') });
  const connection: Connection = {
    endpoint: { kind: 'socket', path: '/nonexistent' },
    user: 'nobody',
    password: undefined,
    ssl: { mode: 'PREFERRED', ca: undefined, cert: undefined, key: undefined },
    database: undefined,
    sources: {},
  };
  const rehearsal = { connection, connections: 2, loadAccount: 'auto' as const, sameServer: [] };

  const [found] = await verify(['shop/a'], { rehearsal });

  expect(found?.error?.message).toMatch(
    / cannot be rehearsed: line \d+ sets another charset in the middle, /,
  );
  expect(found).toMatchObject({ error: { code: 'restore-failed' }, rehearsal: undefined });
  expect(found?.proof?.notProved).toEqual(['whether a server accepts it: --rehearse']);
});

// One of each kind; the campaign does it at random places, by the thousand.
describe('of a backup that was harmed', () => {
  /** Cut or flipped in its first header, in its data, in the checksum and the length at its end. */
  function* harmed(whole: Buffer): Generator<Buffer> {
    for (const length of [0, 1, 10, whole.length / 2, whole.length - 8, whole.length - 1])
      yield whole.subarray(0, length);
    for (const at of [0, 2, 3, 4, 9, 40, whole.length / 2, whole.length - 8, whole.length - 1]) {
      const flipped = Buffer.from(whole);
      flipped[Math.floor(at)]! ^= 0x10;
      yield flipped;
    }
  }

  test('verify finds whatever it is', async () => {
    const path = await putBackup('a');
    for (const bytes of [...harmed(readFileSync(path))]) {
      writeFileSync(path, bytes);
      expect(codes(await verify(['shop/a']))).toEqual([['shop/a', 'damaged']]);
    }
  });

  test('without a manifest it finds all that changed a byte of the SQL', async () => {
    const path = await putBackup('a');
    rmSync(join(directory, 'shop/a.json'));
    const whole = readFileSync(path);
    const sql = gunzipSync(whole);
    let unchanged = 0;
    for (const bytes of harmed(whole)) {
      writeFileSync(path, bytes);
      const [found] = await verify(['shop/a']);
      if (found?.error !== undefined) continue;
      unchanged++;
      expect(gunzipSync(bytes).equals(sql)).toBe(true);
    }
    expect(unchanged).toBe(2); // the time and the system in a gzip header
  });
});
