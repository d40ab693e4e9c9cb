import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { openBackupFile } from '../../../../src/backups/read/backup-file.ts';
import { canPassOverChunks, verifyButChunks } from '../../../../src/backups/read/verify-but-chunks.ts';
import { verifyFile } from '../../../../src/backups/read/verify-file.ts';
import { verifyTables } from '../../../../src/backups/read/verify-tables.ts';
import type { Backup } from '../../../../src/backups/record/backup.ts';
import { isSplittable, type LoadPlan, type TablePlan } from '../../../../src/sql/script/load-plan.ts';
import type { Runtime } from '../../../../src/run/runtime.ts';
import { DUMPS, dumpFile } from '../../../fixtures/some-dumps.ts';
import { chunkedBackup } from './chunked-backup.ts';

const rows = (table: string, count: number): string =>
  Array.from(
    { length: count },
    (_, n) => `INSERT INTO \`${table}\` VALUES (${n},'${'x'.repeat(40)}');\n`,
  ).join('');

function section(table: string, inserts: string): string {
  return `--
-- Table structure for table \`${table}\`
--

CREATE TABLE \`${table}\` (
  \`id\` int NOT NULL,
  \`v\` varchar(40),
  PRIMARY KEY (\`id\`)
) ENGINE=InnoDB;

--
-- Dumping data for table \`${table}\`
--

LOCK TABLES \`${table}\` WRITE;
${inserts}UNLOCK TABLES;

`;
}

const HEAD = '-- MySQL dump 10.13\n/*!50503 SET NAMES utf8mb4 */;\n';
const TRIGGER =
  'DELIMITER ;;\nCREATE TRIGGER `tr` BEFORE INSERT ON `a` FOR EACH ROW SET NEW.v = 1 ;;\nDELIMITER ;\n';
const END = '-- Dump completed on 2026-11-22  0:00:00\n';
const TEXT = `${HEAD}${section('a', rows('a', 30))}${TRIGGER}${section('small', rows('small', 2))}${section('b', rows('b', 12))}CREATE VIEW \`v\` AS SELECT 1;\n${END}`;

const runtime = {
  env: {},
  signal: new AbortController().signal,
  onProgress: () => undefined,
} as unknown as Runtime;

function request(backup: Backup, file: Awaited<ReturnType<typeof openBackupFile>>) {
  return { backup, file, target: 'shop', allowIncomplete: false };
}

const verifyOf = (tables: readonly string[]) => (to: ReturnType<typeof request>, told: Runtime) =>
  verifyTables({ ...to, tables }, true, told);

function planOf(script: LoadPlan | { readonly line: number }): LoadPlan {
  if (!('tables' in script)) throw new Error(`cannot be split: line ${script.line}`);
  return script;
}

/** What a plan says of a table, apart from where its rows are. */
function shown({ rows, chunks = [], name, create, ...rest }: TablePlan) {
  const counted = [...rows, ...chunks].reduce((sum, { statements }) => sum + statements, 0);
  return { name, line: create.line, statements: counted, altered: rest.altered, inOrder: rest.inOrder };
}

describe.each(['gzip', 'none'] as const)('verifyButChunks, %s', (compression) => {
  test('finds what a reading of all finds, and leaves the chunks', async () => {
    const backup = await chunkedBackup(Buffer.from(TEXT), compression);
    await using file = await openBackupFile(backup.path);
    const whole = await verifyFile(request(backup, file), runtime);
    const read = await verifyButChunks(request(backup, file), runtime);
    const [found, expected] = [planOf(read!.verified.findings.script), planOf(whole.findings.script)];

    expect(found.tables.map(shown)).toEqual(expected.tables.map(shown));
    expect(found.tables.map(({ name, chunks = [] }) => [name, chunks.length])).toEqual([
      ['a', 6],
      ['small', 0],
      ['b', 3],
    ]);
    expect(found.storedObjects.map(({ name, statement: { line } }) => ({ name, line }))).toEqual(
      expected.storedObjects.map(({ name, statement: { line } }) => ({ name, line })),
    );
    expect(read!.verified.findings.inventory).toEqual(whole.findings.inventory);
    expect(read!.verified).toMatchObject({
      uncompressedBytes: Buffer.byteLength(TEXT),
      findings: { longestStatementBytes: whole.findings.longestStatementBytes, complete: true },
    });
  });

  test('leaves nothing but whole INSERTs in chunks, and everything else in the text', async () => {
    const backup = await chunkedBackup(Buffer.from(TEXT), compression);
    await using file = await openBackupFile(backup.path);
    const { file: parts, verified } = (await verifyButChunks(request(backup, file), runtime))!;
    const { script } = verified.findings;
    const textOf = async (chunks: AsyncIterable<Buffer>): Promise<string> => {
      const pieces: Buffer[] = [];
      for await (const chunk of chunks) pieces.push(Buffer.from(chunk));
      return Buffer.concat(pieces).toString();
    };
    let rest = await textOf(parts.readSql(() => undefined, runtime));
    for (const {
      name,
      chunks = [],
      rows: [run],
    } of planOf(script).tables) {
      let text = '';
      for (const { offsetBytes, endBytes, textOffsetBytes } of chunks) {
        const chunk = await textOf(file.readPart(offsetBytes, endBytes, runtime));
        expect(chunk).toMatch(new RegExp(`^(INSERT INTO \`${name}\` VALUES .*;\\n)+$`));
        expect(TEXT.slice(textOffsetBytes, textOffsetBytes + chunk.length)).toBe(chunk);
        text += chunk;
      }
      if (text === '') continue;
      const last = rest.lastIndexOf(`INSERT INTO \`${name}\``);
      const at = rest.indexOf('\n', last) + 1;
      rest = `${rest.slice(0, at)}${text}${rest.slice(at)}`;
      expect(run).toBeDefined();
    }
    expect(rest).toBe(TEXT);
  });

  test('tells its progress from the first byte that it proves to the last one that it reads', async () => {
    const backup = await chunkedBackup(Buffer.from(TEXT), compression);
    await using file = await openBackupFile(backup.path);
    for (const verify of [verifyButChunks, verifyOf(['a', 'b'])]) {
      const told: { doneBytes: number; totalBytes: number | undefined }[] = [];
      const onProgress: Runtime['onProgress'] = (event) => event.kind === 'bytes' && told.push(event);
      await verify(request(backup, file), { ...runtime, onProgress });

      const done = told.map(({ doneBytes }) => doneBytes);
      expect(done).toEqual(done.toSorted((a, b) => a - b));
      expect(done.filter((bytes) => bytes > file.sizeBytes).length).toBeGreaterThan(2); // one for each stretch
      expect(new Set(told.map(({ totalBytes }) => totalBytes)).size).toBe(1);
      expect(done.at(-1)! / told.at(-1)!.totalBytes!).toBeGreaterThan(0.9);
      expect(done.at(-1)! / told.at(-1)!.totalBytes!).toBeLessThan(1.5);
    }
  });

  test('of single tables: these alone, and their chunks are left', async () => {
    const backup = await chunkedBackup(Buffer.from(TEXT), compression);
    await using file = await openBackupFile(backup.path);
    for (const tables of [['a'], ['b', 'small'], ['small']]) {
      const all = await verifyTables({ ...request(backup, file), tables }, false, runtime);
      const some = await verifyTables({ ...request(backup, file), tables }, true, runtime);
      const [expected, found] = [all, some].map(({ verified }) => planOf(verified.findings.script));

      expect(found!.tables.map(shown)).toEqual(expected!.tables.map(shown));
      expect(found!.storedObjects.map(({ name }) => name)).toEqual(tables.includes('a') ? ['tr'] : []);
      expect(some.verified.uncompressedBytes).toBe(all.verified.uncompressedBytes);
    }
  });
});

describe('verifyButChunks', () => {
  test.each(DUMPS)('takes $file, if it has chunks at all', async ({ file: name }) => {
    const backup = await chunkedBackup(readFileSync(dumpFile(name)), 'gzip', {
      firstBytes: 1,
      leastBytes: 1,
    });
    await using file = await openBackupFile(backup.path);
    expect(await verifyButChunks(request(backup, file), runtime)).toBeUndefined(); // one INSERT in each table
  });

  test('tells the line of what it refuses as it is in the whole file', async () => {
    const text = TEXT.replace('CREATE VIEW', 'DROP TABLE other.t;\nCREATE VIEW');
    const backup = await chunkedBackup(Buffer.from(text));
    await using file = await openBackupFile(backup.path);
    const line = text.slice(0, text.indexOf('DROP TABLE other')).split('\n').length;

    await expect(verifyButChunks(request(backup, file), runtime)).rejects.toMatchObject({
      code: 'unsafe',
      message: expect.stringContaining(`line ${line} `) as string,
    });
  });

  test('refuses a file that is not what its manifest proves', async () => {
    const backup = await chunkedBackup(Buffer.from(TEXT));
    const bytes = readFileSync(backup.path);
    const { offsetBytes } = backup.manifest.tables[0]!.chunks![2]!;
    bytes.writeUInt8(bytes.readUInt8(offsetBytes + 20) ^ 1, offsetBytes + 20);
    writeFileSync(backup.path, bytes);
    await using file = await openBackupFile(backup.path);

    await expect(verifyButChunks(request(backup, file), runtime)).rejects.toMatchObject({ code: 'damaged' });
  });

  test('reads no rows in advance that need an order, are cut by something, or are not plain', async () => {
    const inserts = rows('a', 30);
    const between = inserts.replace(/(INSERT[^\n]*\n){12}/, (some) => `${some}SELECT 1;\n`);
    for (const text of [
      inserts.replaceAll('INSERT INTO', 'INSERT IGNORE INTO'),
      inserts.replaceAll('INSERT', 'REPLACE'),
      inserts.replace("(20,'", "(20,NOW(),'"),
      inserts.replace("(20,'", '(20,";\n'),
      inserts.replace("(20,'", "(20,';\n"),
      between,
    ]) {
      const backup = await chunkedBackup(Buffer.from(`${HEAD}${section('a', text)}${END}`));
      expect(backup.manifest.tables[0]?.chunks, text.slice(0, 40)).toBeUndefined();
    }
  });

  test.each<[string, (manifest: Awaited<ReturnType<typeof chunkedBackup>>['manifest']) => object]>([
    [
      'overlap',
      ({ tables }) => ({ ...tables[0]!.chunks![1]!, offsetBytes: tables[0]!.chunks![0]!.offsetBytes }),
    ],
    ['end before they begin', ({ tables }) => ({ ...tables[0]!.chunks![1]!, endBytes: 0 })],
    [
      'leave a hole',
      ({ tables }) => ({ ...tables[0]!.chunks![1]!, offsetBytes: tables[0]!.chunks![1]!.offsetBytes + 1 }),
    ],
    ['stand in the text before others', ({ tables }) => ({ ...tables[0]!.chunks![1]!, textOffsetBytes: 0 })],
    ['are empty', ({ tables }) => ({ ...tables[0]!.chunks![1]!, uncompressedBytes: 0 })],
    ['hold no statement', ({ tables }) => ({ ...tables[0]!.chunks![1]!, statements: 0 })],
    ['reach out of the file', ({ tables }) => ({ ...tables[0]!.chunks![1]!, endBytes: 10 ** 9 })],
  ])('knows chunks that %s', async (_what, change) => {
    const { manifest } = await chunkedBackup(Buffer.from(TEXT));
    const changed = manifest.tables.map((table, index) =>
      index === 0
        ? {
            ...table,
            chunks: table.chunks!.map((chunk, at) => (at === 1 ? (change(manifest) as typeof chunk) : chunk)),
          }
        : table,
    );

    expect(canPassOverChunks(manifest)).toBe(true);
    expect(canPassOverChunks({ ...manifest, tables: changed })).toBe(false);
  });

  test('reads all of a file whose chunks are not the rest of their tables', async () => {
    const backup = await chunkedBackup(Buffer.from(TEXT));
    const [a, ...others] = backup.manifest.tables;
    const tables = [{ ...a!, chunks: a!.chunks!.slice(1) }, ...others];
    await using file = await openBackupFile(backup.path);
    // The first chunk is now a part of the text, and rows follow it that are cut off by the gap: still a rest.
    const read = await verifyButChunks(
      request({ ...backup, manifest: { ...backup.manifest, tables } }, file),
      runtime,
    );
    expect(isSplittable(read!.verified.findings.script)).toBe(true);

    const behind = [{ ...a!, chunks: a!.chunks!.slice(0, -1) }, ...others];
    expect(
      await verifyButChunks(
        request({ ...backup, manifest: { ...backup.manifest, tables: behind } }, file),
        runtime,
      ),
    ).toBeUndefined();
  });
});
