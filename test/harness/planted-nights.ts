import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { MANIFEST_SCHEMA, type Manifest } from '../../src/backups/record/manifest.ts';

/** A backup made by nobody, of an empty database; it passes whatever reads names, sizes and manifests. */
export async function plantBackup(
  directory: string,
  at: Date,
  { database = 'shop', label = 'manual', ...more }: Partial<Manifest> = {},
): Promise<string> {
  const name = `${label}_${at.toISOString().slice(0, 19).replace('T', '_').replaceAll(':', '-')}`;
  const sql = `-- of ${name}\n-- Dump completed on 2026-11-22  3:00:00\n`;
  const bytes = gzipSync(sql);
  const manifest: Manifest = {
    ...{ schema: MANIFEST_SCHEMA, name, label, database, job: 'bbbbbbbb' },
    ...{ startedAt: at.toISOString(), finishedAt: at.toISOString(), durationMs: 0 },
    file: {
      name: `${name}.sql.gz`,
      sizeBytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      compression: 'gzip',
      uncompressedBytes: sql.length,
    },
    server: { flavour: 'mariadb', version: '11.8.3', host: '', port: 0 },
    tool: { program: 'mariadb-dump', version: '11.8.3', dbbackupVersion: '0.2.0' },
    ...{ charset: 'utf8mb4', collation: 'utf8mb4_general_ci', tables: [] },
    counts: { views: 0, routines: 0, triggers: 0, events: 0 },
    ...{ dataLengthBytes: 0, longestStatementBytes: 0, options: {}, warnings: [] },
    ...more,
  };
  const path = join(directory, database, `${name}.sql.gz`);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, bytes);
  await writeFile(join(directory, database, `${name}.json`), JSON.stringify(manifest));
  return path;
}

/** One for each of the last nights at 3 o'clock (UTC), the newest first. */
export async function plantNights(
  directory: string,
  count: number,
  more: Partial<Manifest> = {},
): Promise<readonly string[]> {
  const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  const paths: string[] = [];
  for (let night = 1; night <= count; night += 1)
    paths.push(await plantBackup(directory, new Date(today - night * DAY_MS + 3 * 3_600_000), more));
  return paths;
}

const DAY_MS = 24 * 3_600_000;
