import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dbbackupEnvironment, PROGRAM } from './bench-server.ts';
import type { Ring } from './bench-server.ts';
import type { BenchRow } from './bench-table.ts';
import { contest } from './contest.ts';
import { ratioRow, rowOf } from './create-contest.ts';
import { measure } from './measure.ts';

const ROUNDS = 11;
const BACKUPS = 1000;

/** What the program costs before it does anything, and a `list` of many backups, against Node doing nothing. */
export async function startContest(ring: Ring): Promise<BenchRow[]> {
  const directory = join(ring.folder, 'many-backups');
  const env = dbbackupEnvironment(ring);
  await makeManyBackups(ring, directory);
  const node = (...args: string[]) => measure([process.execPath, ...args], { server: ring.server, env });
  const results = await contest(
    [
      { name: 'node -e 0', run: () => node('-e', '0') },
      { name: 'dbbackup --version', run: () => node(PROGRAM, '--version') },
      { name: `dbbackup list (${BACKUPS} backups)`, run: () => node(PROGRAM, 'list', '--dir', directory) },
    ],
    ROUNDS,
  );
  const nothing = results.get('node -e 0');
  return [
    ...[...results.values()].map((result) => rowOf(result)),
    ratioRow('--version / node -e 0', results.get('dbbackup --version'), nothing, 2),
    ratioRow('list / node -e 0', results.get(`dbbackup list (${BACKUPS} backups)`), nothing, 5),
  ];
}

/** One small real backup, copied under a thousand names, each with a manifest that fits. */
async function makeManyBackups(ring: Ring, directory: string): Promise<void> {
  await ring.server.sql('CREATE DATABASE benchsmall; CREATE TABLE benchsmall.t (id INT PRIMARY KEY);');
  const address = ['--socket', ring.server.socket, '--user', 'root', '--dir', directory, '--quiet'];
  await measure([process.execPath, PROGRAM, 'create', 'benchsmall', ...address], {
    server: ring.server,
    env: dbbackupEnvironment(ring),
  });
  const folder = join(directory, 'benchsmall');
  const manifestName = (await readdir(folder)).find((name) => name.endsWith('.json'));
  if (manifestName === undefined) throw new Error(`There is no manifest in ${folder}.`);
  const original = manifestName.slice(0, -'.json'.length);
  const manifest = await readFile(join(folder, manifestName), 'utf8');
  for (let n = 0; n < BACKUPS - 1; n += 1) {
    const at = new Date(Date.UTC(2025, 0, 1, n)).toISOString();
    const name = `manual_${at.slice(0, 10)}_${at.slice(11, 19).replaceAll(':', '-')}`;
    await copyFile(join(folder, `${original}.sql.gz`), join(folder, `${name}.sql.gz`));
    await writeFile(join(folder, `${name}.json`), manifest.replaceAll(original, name));
  }
  await mkdir(join(directory, '.jobs'), { recursive: true });
  await rm(join(directory, '.jobs'), { recursive: true });
}
