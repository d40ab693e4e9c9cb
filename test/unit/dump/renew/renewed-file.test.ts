import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openBackupFile } from '../../../../src/backups/read/backup-file.ts';
import type { Manifest } from '../../../../src/backups/record/manifest.ts';
import type { FilePlace } from '../../../../src/compression/codec.ts';
import { type Compression, extensionOf } from '../../../../src/compression/methods.ts';
import { writeRenewed } from '../../../../src/dump/renew/renewed-file.ts';
import { streamDump } from '../../../../src/dump/stream-dump.ts';
import { temporaryFolder } from '../../../harness/workspace.ts';
import { someManifest } from '../../cli/render/some-backups.ts';

const METHODS: readonly Compression[] = [
  { method: 'gzip', level: 1 },
  { method: 'none', level: undefined },
  { method: 'zstd', level: 1 },
];
const TRIGGER =
  '/*!50003 SET @saved_cs_client      = @@character_set_client */ ;\nDELIMITER ;;\nCREATE TRIGGER x;;\nDELIMITER ;\n';

function section(table: string, rows: string, triggers = '', counter = 7): string {
  return `-- Table structure for table \`${table}\`\n--\n\nCREATE TABLE \`${table}\` (\n  \`id\` int\n) ENGINE=InnoDB AUTO_INCREMENT=${counter};\n\n--\n-- Dumping data for table \`${table}\`\n--\n\n${rows}UNLOCK TABLES;\n${triggers}\n--\n`;
}

const rowsOf = (count: number, text: string): string =>
  `INSERT INTO \`t\` VALUES (1,'${text.repeat(40)}');\n`.repeat(count);

/** With what stands between two tables, and larger than a member. */
function dumpOf(middle: string): string {
  return (
    '-- MySQL dump\n--\n' +
    section('a', rowsOf(6_000, 'first')) +
    middle +
    '-- Temporary view structure for view `v`\n--\n\nSET @x = 1;\n\n--\n' +
    section('z', rowsOf(3, 'last')) +
    "-- Dumping routines for database 'shop'\n--\n\n-- Dump completed on 2026-11-27\n"
  );
}

const context = { env: process.env, signal: new AbortController().signal };
const ignored = { ...context, onBytes: () => undefined };

async function backupOf(text: string, compression: Compression) {
  const path = join(await temporaryFolder(), `x${extensionOf(compression.method)}`);
  const written: Buffer[] = [];
  const source = async function* (): AsyncGenerator<Buffer> {
    await Promise.resolve();
    yield Buffer.from(text);
  };
  const sink = (bytes: Buffer): Promise<void> => Promise.resolve(void written.push(Buffer.from(bytes)));
  const { outline, places, sizeBytes, sha256 } = await streamDump(
    source(),
    'shop',
    compression,
    sink,
    ignored,
  );
  writeFileSync(path, Buffer.concat(written));
  const manifest: Manifest = someManifest({
    file: { name: 'x', sizeBytes, sha256, compression: compression.method, uncompressedBytes: outline.bytes },
    tables: outline.sections.map((each) => ({
      name: each.table,
      engine: 'InnoDB',
      uncompressedBytes: each.uncompressedBytes,
      ...placeOf(places.get(each)!),
    })),
  });
  return { path, manifest };
}

function placeOf({ offsetBytes, skipBytes }: FilePlace) {
  return { offsetBytes, ...(skipBytes === 0 ? {} : { skipBytes }) };
}

async function textOf(chunks: AsyncIterable<Buffer>): Promise<string> {
  let text = '';
  for await (const chunk of chunks) text += chunk.toString('latin1');
  return text;
}

test.each(METHODS)(
  '$method: only the changed table is another, and all can be found',
  async (compression) => {
    const { path, manifest } = await backupOf(
      dumpOf(section('m', rowsOf(4_000, 'old'), TRIGGER)),
      compression,
    );
    await using file = await openBackupFile(path);
    const now = section('m', rowsOf(5_000, 'newer'), '', 9);
    const head = now.slice(0, now.indexOf('-- Dumping data'));
    const read = async function* (): AsyncGenerator<Buffer> {
      await Promise.resolve();
      for (let at = 0; at < now.length; at += 100_000) yield Buffer.from(now.slice(at, at + 100_000));
    };
    const written: Buffer[] = [];

    const renewed = await writeRenewed(
      { file, manifest, compression },
      new Map([['m', { head, section: read }]]),
      (bytes) => Promise.resolve(void written.push(Buffer.from(bytes))),
      ignored,
    );

    const bytes = Buffer.concat(written);
    const renewedPath = join(await temporaryFolder(), `y${extensionOf(compression.method)}`);
    writeFileSync(renewedPath, bytes);
    await using again = await openBackupFile(renewedPath);
    const text = await textOf(again.readPart(0, undefined, context));
    const wanted = dumpOf(section('m', rowsOf(5_000, 'newer'), TRIGGER, 9));
    expect(text === wanted).toBe(true);
    expect(renewed.sizeBytes).toBe(bytes.length);
    expect(renewed.sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
    expect(renewed.uncompressedBytes).toBe(wanted.length);
    const fresh = await backupOf(wanted, compression);
    const sizes = (of: Manifest['tables']) =>
      of.map(({ name, uncompressedBytes }) => [name, uncompressedBytes]);
    expect(sizes(renewed.tables)).toEqual(sizes(fresh.manifest.tables));
    for (const { name, uncompressedBytes, offsetBytes, skipBytes = 0 } of renewed.tables) {
      const from = (await textOf(again.readPart(offsetBytes ?? -1, undefined, context))).slice(skipBytes);
      const start = wanted.indexOf(`-- Table structure for table \`${name}\``);
      expect(from.slice(0, uncompressedBytes) === wanted.slice(start, start + uncompressedBytes)).toBe(true);
    }
    // Small tables share a frame, which has been compressed anew.
    expect(renewed.tables.some(({ skipBytes }) => skipBytes !== undefined)).toBe(
      compression.method === 'zstd',
    );
    if (compression.method === 'zstd') return;
    // What did not change has been copied as it is.
    const before = readFileSync(path);
    const [, , last] = manifest.tables;
    const [, , lastNow] = renewed.tables;
    expect(bytes.subarray(lastNow!.offsetBytes!).equals(before.subarray(last!.offsetBytes!))).toBe(true);
  },
);

test('a first backup that is not what its manifest says is not made anew', async () => {
  const compression: Compression = { method: 'none', level: undefined };
  const { path, manifest } = await backupOf(dumpOf(''), compression);
  const bytes = readFileSync(path);
  bytes[bytes.length - 100]! ^= 1;
  writeFileSync(path, bytes);
  await using file = await openBackupFile(path);

  await expect(
    writeRenewed({ file, manifest, compression }, new Map(), () => Promise.resolve(), ignored),
  ).rejects.toThrow('was changed: its sha256 differs from the manifest');
});
