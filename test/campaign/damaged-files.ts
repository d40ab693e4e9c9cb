import assert from 'node:assert/strict';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { openFakeServer } from '../harness/fake-server.ts';
import { pick, upTo } from './family.ts';
import type { Family, Random } from './family.ts';
import { expectDocumentedEnd, expectSecret } from './invariants.ts';
import { Site } from './site.ts';

const KINDS = ['gzip', 'gzip', 'none'] as const;
const DAMAGES = ['cut', 'flipped', 'appended', 'zeroed'] as const;

export const damagedFiles: Family = {
  name: 'damaged-files',
  promises: 'P5',
  fault:
    'a backup cut, flipped in one bit, zeroed in a block or appended to at a random place, with its manifest or without',
  trials: { brief: 1, usual: 60, long: 3_000 },
  servers: 'first',
  lanes: 2,
  async prepare(bed) {
    const site = await Site.open(bed);
    const server = await openFakeServer();
    const originals = new Map<
      string,
      { readonly bytes: Buffer; readonly manifest: Buffer; readonly name: string }
    >();
    for (const kind of new Set(KINDS)) {
      const path = await site.create('--compress', kind);
      const manifest = await readFile(path.replace(/\.sql(\.gz)?$/, '.json'));
      originals.set(kind, { bytes: await readFile(path), manifest, name: basename(path) });
    }
    const folder = join(site.folder, 'damaged');
    await mkdir(folder);
    return {
      async attempt({ random }) {
        const kind = pick(random, KINDS);
        const { bytes, manifest, name } = originals.get(kind)!;
        // Without a manifest nobody can know of a flip in plain text.
        const alone = kind === 'gzip' && random() < 0.4;
        const how = pick(random, DAMAGES);
        const damaged = damage(how, bytes, random);
        if (damaged.equals(bytes) || (alone && sameContent(damaged, bytes))) return;
        const path = join(folder, name);
        await writeFile(path, damaged);
        const manifestPath = path.replace(/\.sql(\.gz)?$/, '.json');
        if (alone) await rm(manifestPath, { force: true });
        else await writeFile(manifestPath, manifest);
        for (const args of [
          ['verify', path],
          ['restore', path, '--to', 'target', '--confirm', 'target'],
        ]) {
          const env = { DBBACKUP_PASSWORD: undefined, ...server.environment };
          const result = await site.run(args, { env });
          expectDocumentedEnd(result);
          assert.equal(result.exitCode, 16, `${args[0] ?? ''} of a file ${how}: ${result.stderr}`);
        }
        // A restore asks first whether the server takes changes at all.
        assert.deepEqual(server.changes, [], 'the server was asked nothing more');
        expectSecret(site);
      },
      async [Symbol.asyncDispose]() {
        await server.close();
        await site[Symbol.asyncDispose]();
      },
    };
  },
};

function damage(how: (typeof DAMAGES)[number], bytes: Buffer, random: Random): Buffer {
  const at = upTo(random, bytes.length);
  const damaged = Buffer.from(bytes);
  switch (how) {
    case 'cut':
      return damaged.subarray(0, at);
    case 'flipped':
      damaged[at]! ^= 1 << upTo(random, 8);
      return damaged;
    case 'appended':
      return Buffer.concat([damaged, random() < 0.5 ? Buffer.from('x') : damaged.subarray(0, at + 1)]);
    case 'zeroed':
      return damaged.fill(0, at, at + 512);
  }
}

function sameContent(damaged: Buffer, bytes: Buffer): boolean {
  try {
    return gunzipSync(damaged).equals(gunzipSync(bytes));
  } catch {
    return false;
  }
}
