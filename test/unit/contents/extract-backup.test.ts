import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { extractBackup } from '../../../src/contents/extract-backup.ts';
import type { ExtractOnly } from '../../../src/contents/extract-request.ts';
import { DbBackupError } from '../../../src/run/errors.ts';
import { temporaryFolder } from '../../harness/workspace.ts';
import { quietRuntime } from '../run/quiet-runtime.ts';
import {
  definitionOf,
  dumpOf as wholeDumpOf,
  plantBackup,
  rowsOf,
  ROUTINES,
  SHOP,
  standIn,
  triggerOf,
  view,
} from './planted-dump.ts';

async function extracted(
  path: string,
  request: {
    readonly tables?: readonly string[];
    readonly only?: ExtractOnly;
    readonly output?: string;
  } = {},
) {
  const { tables, only, output } = request;
  let sql = '';
  const stdout = new Writable({
    write(chunk: Buffer, _, done) {
      sql += chunk.toString();
      done();
    },
  });
  const done = await extractBackup(
    {
      ...{ reference: path, directory: '/nonexistent', tables, only },
      destination: output === undefined ? { kind: 'stdout' } : { kind: 'file', path: output },
    },
    { ...quietRuntime(), stdout },
  );
  return { ...done, sql: (tables ?? only) ? withoutEmptyLines(sql) : sql };
}

/** A piece takes the empty line behind it along. */
function withoutEmptyLines(text: string): string {
  return text.replaceAll(/\n+/g, '\n');
}

function dumpOf(...parts: readonly string[]): string {
  return withoutEmptyLines(wholeDumpOf(...parts));
}

describe.each(['gzip', 'none'] as const)('of a backup, %s', (compression) => {
  const proof = compression === 'gzip' ? 'checksums-and-lengths' : 'lengths';

  test('is all of its SQL, proven by its sha256', async () => {
    const { path } = await plantBackup(SHOP, compression);

    expect(await extracted(path)).toMatchObject({
      sql: SHOP,
      proof: 'sha256',
      sqlBytes: SHOP.length,
      readBytes: statSync(path).size,
    });
  });

  test.each<{ tables: readonly string[]; sql: string }>([
    { tables: ['a'], sql: dumpOf(definitionOf('a'), rowsOf('a', 2), triggerOf('a')) },
    { tables: ['big'], sql: dumpOf(definitionOf('big'), rowsOf('big', 400)) },
    { tables: ['z'], sql: dumpOf(definitionOf('z'), rowsOf('z', 200), triggerOf('z')) },
    {
      tables: ['z', 'a'],
      sql: dumpOf(
        ...[definitionOf('a'), rowsOf('a', 2), triggerOf('a')],
        ...[definitionOf('z'), rowsOf('z', 200), triggerOf('z')],
      ),
    },
    { tables: ['v'], sql: dumpOf(standIn('v'), view('v')) },
    {
      tables: ['a', 'v'],
      sql: dumpOf(definitionOf('a'), rowsOf('a', 2), triggerOf('a'), standIn('v'), view('v')),
    },
  ])('of $tables is what a dump of these would be, read in part', async ({ tables, sql }) => {
    const { path } = await plantBackup(SHOP, compression);
    const found = await extracted(path, { tables });

    expect(found).toMatchObject({ sql, proof });
    expect(found.readBytes).toBeLessThan(statSync(path).size);
  });

  test('reads little for a small table', async () => {
    const text = wholeDumpOf(definitionOf('a'), rowsOf('a', 2), definitionOf('big'), rowsOf('big', 20_000));
    const { path } = await plantBackup(text, compression);

    const { readBytes } = await extracted(path, { tables: ['a'] });
    expect(readBytes).toBeLessThan(statSync(path).size / 10);
    expect(readBytes).toBeGreaterThan(0);
  });

  test('of the schema has no rows, and reads none of those in chunks', async () => {
    const { path } = await plantBackup(SHOP, compression);
    const found = await extracted(path, { only: 'schema' });

    expect(found.sql).toBe(
      dumpOf(
        ...[definitionOf('a'), triggerOf('a'), definitionOf('big'), standIn('v')],
        ...[definitionOf('z'), triggerOf('z'), ROUTINES, view('v')],
      ),
    );
    expect(found).toMatchObject({ proof });
    expect(found.readBytes).toBeLessThan(statSync(path).size / 2);
    expect((await extracted(path, { only: 'schema', tables: ['z'] })).sql).toBe(
      dumpOf(definitionOf('z'), triggerOf('z')),
    );
  });

  test('of the data has only rows', async () => {
    const { path } = await plantBackup(SHOP, compression);

    expect(await extracted(path, { only: 'data' })).toMatchObject({
      sql: dumpOf(rowsOf('a', 2), rowsOf('big', 400), rowsOf('z', 200)),
      proof: 'sha256',
    });
    expect((await extracted(path, { only: 'data', tables: ['a'] })).sql).toBe(dumpOf(rowsOf('a', 2)));
  });

  test('finds damage in what it reads, and leaves nothing', async () => {
    const { path, manifest } = await plantBackup(SHOP, compression);
    const bytes = readFileSync(path);
    const { offsetBytes } = manifest.tables.find(({ name }) => name === 'a')!;
    bytes.write('damage', offsetBytes! + 12, 'latin1');
    writeFileSync(path, bytes);
    const folder = await temporaryFolder();
    const output = join(folder, 'a.sql');

    for (const request of [{ tables: ['a'] }, {}])
      await expect(extracted(path, { ...request, output })).rejects.toMatchObject({ code: 'damaged' });
    expect(readdirSync(folder)).toEqual([]);
    // What is elsewhere is not looked at.
    expect((await extracted(path, { tables: ['z'] })).sql).toContain('row x');
  });

  test('refuses a manifest that leads elsewhere', async () => {
    const { path, manifest } = await plantBackup(SHOP, compression);
    const [a, big, z] = manifest.tables.map(({ offsetBytes }) => offsetBytes!);
    const moved = manifest.tables.map((table, index) => ({ ...table, offsetBytes: [a!, z!, big!][index]! }));
    await plantManifest(path, { ...manifest, tables: moved });

    await expect(extracted(path, { tables: ['big'] })).rejects.toMatchObject({ code: 'damaged' });
  });
});

async function plantManifest(path: string, manifest: object): Promise<void> {
  writeFileSync(path.replace(/\.sql(\.gz)?$/, '.json'), JSON.stringify(manifest));
  return Promise.resolve();
}

describe('of a file without a manifest', () => {
  test('reads all of it, and says that nothing proves it', async () => {
    const path = join(await temporaryFolder(), 'other.sql');
    writeFileSync(path, SHOP);

    expect(await extracted(path)).toMatchObject({ sql: SHOP, proof: 'none', readBytes: SHOP.length });
    expect(await extracted(path, { tables: ['a', 'v'] })).toMatchObject({
      sql: dumpOf(definitionOf('a'), rowsOf('a', 2), triggerOf('a'), standIn('v'), view('v')),
      proof: 'none',
    });
  });

  test('writes nothing of a table that is not there', async () => {
    const path = join(await temporaryFolder(), 'other.sql');
    writeFileSync(path, SHOP);
    const output = join(dirname(path), 'out.sql');

    await expect(extracted(path, { tables: ['none'], output })).rejects.toMatchObject({
      code: 'not-found',
      message: `${path} does not contain the table or view none.`,
    });
    expect(readdirSync(dirname(path))).toEqual(['other.sql']);
  });

  test.each<{ only: ExtractOnly }>([{ only: 'data' }, { only: 'schema' }])(
    'knows what is there, $only',
    async ({ only }) => {
      const path = join(await temporaryFolder(), 'other.sql');
      writeFileSync(path, SHOP);

      await expect(extracted(path, { tables: ['none'], only })).rejects.toMatchObject({ code: 'not-found' });
      expect((await extracted(path, { tables: ['v'], only: 'data' })).sql).toBe(dumpOf());
    },
  );

  test.each<{ title: string; request: { tables?: readonly string[]; only?: ExtractOnly } }>([
    { title: 'all of it', request: {} },
    { title: 'a table before the cut', request: { tables: ['a'] } },
    { title: 'a table behind the cut', request: { tables: ['z'] } },
    { title: 'its schema', request: { only: 'schema' } },
    { title: 'its data', request: { only: 'data' } },
  ])('is damaged when it is truncated, wherever, and has no name: $title', async ({ request }) => {
    const folder = await temporaryFolder();
    const path = join(folder, 'cut.sql');
    const endLine = SHOP.lastIndexOf('-- Dump completed');
    for (const length of [300, 1000, SHOP.indexOf('`z`') - 40, SHOP.length - 200, endLine, endLine + 8]) {
      writeFileSync(path, SHOP.slice(0, length));
      const refused = expect(extracted(path, { ...request, output: join(folder, 'out.sql') })).rejects;
      await refused.toMatchObject({
        code: 'damaged',
        message: `${path} does not end with the dump tool's last line (-- Dump completed): it is truncated.`,
      });
      await expect(extracted(path, request)).rejects.toMatchObject({ code: 'damaged' });
    }
    expect(readdirSync(folder)).toEqual(['cut.sql']);
  });

  test.each([
    ['-- MySQL dump 10.13  Distrib 8.0.36', '-- Dump completed'],
    [
      '/*M!999999\\- enable the sandbox mode */ \n-- MariaDB dump 10.19',
      '-- Dump completed on 2026-11-23  3:47:54',
    ],
    ['-- mysqldump-php https://github.com/ifsnop/mysqldump-php', '-- Dump completed on: Mon, 23 Nov 2026'],
    ['-- Dump created by MySQL pump utility, version: 5.7.44', '-- Dump end time: Mon Nov 23 03:47:54 2026'],
  ])('knows the tool by "%s"', async (first, last) => {
    const path = join(await temporaryFolder(), 'other.sql');
    const text = `${first}\n\nCREATE TABLE t (id INT);\n`;
    writeFileSync(path, `${text}${last}\r\n\n`);
    expect((await extracted(path)).sqlBytes).toBe(statSync(path).size);

    writeFileSync(path, text);
    await expect(extracted(path)).rejects.toMatchObject({ code: 'damaged' });
  });

  test('warns of one that may have no end, because it was made without comments', async () => {
    const path = join(await temporaryFolder(), 'bare.sql');
    writeFileSync(path, "CREATE TABLE t (v TEXT);\nINSERT INTO t VALUES ('-- MySQL dump ');\n");
    const runtime = { ...quietRuntime(), stdout: new PassThrough().resume() };
    const request = { reference: path, directory: '/nonexistent', tables: undefined, only: undefined };
    await extractBackup({ ...request, destination: { kind: 'stdout' } }, runtime);

    expect(runtime.events).toContainEqual({
      kind: 'warning',
      message: expect.stringContaining("does not end with the dump tool's last line"),
    });
  });

  test('takes no part of what another program made', async () => {
    const path = join(await temporaryFolder(), 'other.sql');
    writeFileSync(path, SHOP.replace('-- MySQL dump', '-- phpMyAdmin SQL Dump'));

    await expect(extracted(path, { tables: ['a'] })).rejects.toMatchObject({ code: 'usage' });
    expect((await extracted(path)).sql).toContain('phpMyAdmin');
  });

  test('takes no table of several databases', async () => {
    const path = join(await temporaryFolder(), 'other.sql');
    const database = (name: string): string =>
      `\n--\n-- Current Database: \`${name}\`\n--\n\nUSE \`${name}\`;\n`;
    const one = wholeDumpOf(database('shop'), definitionOf('a'));
    writeFileSync(path, one);
    expect((await extracted(path, { tables: ['a'] })).sql).toBe(dumpOf(definitionOf('a')));
    expect((await extracted(path, { only: 'schema' })).sql).toBe(withoutEmptyLines(one));

    writeFileSync(path, wholeDumpOf(database('shop'), definitionOf('a'), database('crm'), definitionOf('a')));
    await expect(extracted(path, { tables: ['a'] })).rejects.toMatchObject({ code: 'usage' });
  });
});

test('writes a file of its own, for its owner alone, and never over another', async () => {
  const { path } = await plantBackup(SHOP);
  const output = join(await temporaryFolder(), 'a.sql');

  expect(await extracted(path, { tables: ['a'], output })).toMatchObject({ path: output, sql: '' });
  expect(withoutEmptyLines(readFileSync(output, 'utf8'))).toBe(
    dumpOf(definitionOf('a'), rowsOf('a', 2), triggerOf('a')),
  );
  expect(statSync(output).mode & 0o777).toBe(0o600);
  await expect(extracted(path, { output })).rejects.toMatchObject({ code: 'failed' });
  expect(readdirSync(dirname(output))).toEqual(['a.sql']);
});

test('names what is near to a table that is not there', async () => {
  const { path } = await plantBackup(SHOP);

  await expect(extracted(path, { tables: ['bigg'] })).rejects.toMatchObject({
    code: 'not-found',
    hint: 'Did you mean big?',
  });
});

test('ends quietly when its reader has left', async () => {
  const { path } = await plantBackup(SHOP);
  const stdout = new Writable({
    write: (_chunk, _encoding, done) => {
      done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    },
  }).on('error', () => undefined);

  const request = { reference: path, directory: '/nonexistent', tables: undefined, only: undefined };
  expect(
    await extractBackup({ ...request, destination: { kind: 'stdout' } }, { ...quietRuntime(), stdout }),
  ).toMatchObject({ isCutShort: true });
});

test('leaves no file when it is cancelled', async () => {
  const { path } = await plantBackup(SHOP);
  const folder = await temporaryFolder();
  const cancel = new AbortController();
  const runtime = quietRuntime({
    signal: cancel.signal,
    onProgress: () => {
      cancel.abort(new DbBackupError('terminated', 'Cancelled.'));
    },
  });
  const request = { reference: path, directory: '/nonexistent', tables: undefined, only: undefined };
  const destination = { kind: 'file', path: join(folder, 'x.sql') } as const;

  await expect(extractBackup({ ...request, destination }, runtime)).rejects.toMatchObject({
    code: 'terminated',
  });
  expect(readdirSync(folder)).toEqual([]);
});

test('refuses a backup that does not fit its manifest', async () => {
  const { path } = await plantBackup(SHOP);
  writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.from('x')]));

  await expect(extracted(path, { tables: ['a'] })).rejects.toMatchObject({ code: 'damaged' });
  rmSync(path);
  await expect(extracted(path)).rejects.toMatchObject({ code: 'not-found' });
});
