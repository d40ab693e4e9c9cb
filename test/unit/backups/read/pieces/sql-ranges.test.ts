import { writeFileSync } from 'node:fs';
import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import type { Manifest, ManifestTable } from '../../../../../src/backups/record/manifest.ts';
import { extractBackup } from '../../../../../src/contents/extract-backup.ts';
import type { ExtractOnly } from '../../../../../src/contents/extract-request.ts';
import { quietRuntime } from '../../../run/quiet-runtime.ts';
import { seededRandom } from '../../../sql/chunks.ts';
import {
  definitionOf,
  dumpOf,
  plantBackup,
  rowsOf,
  ROUTINES,
  triggerOf,
} from '../../../contents/planted-dump.ts';

const NAMES = ['a', 'b', 'big', 'c', 'd', 'large', 'e'];
const table = (name: string): string => {
  const rows = name.length > 1 ? 200 : 3;
  return definitionOf(name) + rowsOf(name, rows) + triggerOf(name);
};

async function extractOf(path: string, tables: readonly string[], only?: ExtractOnly): Promise<string> {
  const chunks: Buffer[] = [];
  const stdout = new Writable({
    write(chunk: Buffer, _, done) {
      chunks.push(Buffer.from(chunk));
      done();
    },
  });
  await extractBackup(
    { reference: path, directory: '/nonexistent', tables, only, destination: { kind: 'stdout' } },
    { ...quietRuntime(), stdout },
  );
  return Buffer.concat(chunks).toString();
}

/** As in a .sql.zst: some tables are read from where the one before them is, or from behind its rows. */
function shared(tables: Manifest['tables'], random: () => number): Manifest['tables'] {
  const moved: ManifestTable[] = [];
  for (const [index, each] of tables.entries()) {
    const before = tables[index - 1];
    const from = before?.chunks?.at(-1)?.endBytes ?? moved.at(-1)?.offsetBytes;
    const skipBytes = (each.offsetBytes ?? 0) - (from ?? 0);
    const isShared = typeof from === 'number' && random() < 0.7;
    moved.push(isShared ? { ...each, offsetBytes: from, skipBytes } : each);
  }
  return moved;
}

test('what is extracted does not depend on which tables share a stretch of the file', async () => {
  const { path, manifest } = await plantBackup(dumpOf(...NAMES.map(table), ROUTINES), 'none');
  expect(manifest.tables.filter(({ chunks }) => chunks !== undefined)).toHaveLength(2);
  const random = seededRandom(20_261_128);
  for (let run = 0; run < 60; run++) {
    const wanted = NAMES.filter(() => random() < 0.4);
    const named = wanted.length === 0 ? ['d'] : wanted;
    const only = [undefined, 'schema', 'data'][run % 3] as ExtractOnly | undefined;
    const put = (tables: Manifest['tables']): void => {
      writeFileSync(path.replace(/\.sql$/, '.json'), JSON.stringify({ ...manifest, tables }));
    };
    put(manifest.tables);
    const expected = await extractOf(path, named, only);
    const places = shared(manifest.tables, random);
    put(places);

    expect(await extractOf(path, named, only), JSON.stringify({ named, only, places })).toBe(expected);
  }
});
