import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { openFakeServer } from '../harness/fake-server.ts';
import { loadProgram } from '../harness/in-process.ts';
import type { Family } from './family.ts';
import { Site } from './site.ts';

/** Two tables, so that the compressed file has several members. */
const SQL = `CREATE TABLE a (id INT PRIMARY KEY, v VARCHAR(50)); INSERT INTO a VALUES (1, 'a'), (2, 'it''s');
  CREATE TABLE b (id INT PRIMARY KEY); INSERT INTO b VALUES (7), (8);`;

const KINDS = [
  'gzip with its manifest',
  'gzip without a manifest',
  'none with its manifest',
  'none without a manifest',
];
/** A trial has so many damages, one after the other. */
const STEP = 100;

export const everyDamage: Family = {
  name: 'every-damage',
  promises: 'P5',
  fault: 'a small backup cut at every byte, and every bit of it flipped, with its manifest or without',
  trials: { brief: 0, usual: 60, long: 10_000 },
  servers: 'first',
  lanes: 2,
  async prepare(bed) {
    const site = await Site.open(bed, SQL);
    const run = await loadProgram(bed.program.dist);
    const server = await openFakeServer();
    const files = new Map<string, { readonly path: string; readonly bytes: Buffer }>();
    for (const kind of KINDS) {
      const [compress = ''] = kind.split(' ');
      const made = await site.create('--compress', compress);
      const folder = join(site.folder, kind.replaceAll(' ', '-'));
      await mkdir(folder);
      const [bytes, manifest] = await Promise.all(
        [made, made.replace(/\.sql(\.gz)?$/, '.json')].map((path) => readFile(path)),
      );
      const path = join(folder, basename(made));
      await writeFile(path, bytes!);
      if (kind.endsWith('with its manifest'))
        await writeFile(path.replace(/\.sql(\.gz)?$/, '.json'), manifest!);
      files.set(kind, { path, bytes: bytes! });
    }
    return {
      cases: [...files].flatMap(([kind, { bytes }]) =>
        Array.from({ length: Math.ceil((9 * bytes.length) / STEP) }, (_, step) => `${kind}: ${step * STEP}`),
      ),
      async attempt({ title }) {
        const [kind = '', first = ''] = title.split(': ');
        const { path, bytes } = files.get(kind)!;
        for (let n = Number(first); n < Number(first) + STEP && n < 9 * bytes.length; n++) {
          const damaged = damage(bytes, n);
          if (!isKnowable(kind, bytes, damaged)) continue;
          await writeFile(path, damaged);
          const { exitCode, stderr } = await run(['restore', path, '--to', 'shop', '--dry-run'], {
            cwd: site.folder,
            env: { ...server.environment, TMPDIR: site.tmp },
          });
          assert.equal(exitCode, 16, `${kind}, damage ${n} of ${bytes.length} bytes: ${stderr}`);
        }
        assert.equal(server.connections, 0, 'the server has heard nothing');
      },
      async [Symbol.asyncDispose]() {
        await server.close();
        await site[Symbol.asyncDispose]();
      },
    };
  },
};

/** First every cut, then every bit. */
function damage(bytes: Buffer, n: number): Buffer {
  if (n < bytes.length) return bytes.subarray(0, n);
  const bit = n - bytes.length;
  const flipped = Buffer.from(bytes);
  flipped[bit >> 3]! ^= 1 << (bit & 7);
  return flipped;
}

/** Whether anybody can tell: without a manifest a flip may change nothing of the content, or plain text into other text. */
function isKnowable(kind: string, bytes: Buffer, damaged: Buffer): boolean {
  if (kind.endsWith('with its manifest')) return true;
  if (kind.startsWith('none'))
    return damaged.length <= bytes.lastIndexOf('-- Dump completed') + '-- Dump complete'.length;
  try {
    return !gunzipSync(damaged).equals(gunzipSync(bytes));
  } catch {
    return true;
  }
}
