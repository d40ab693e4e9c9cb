// INV of the campaign: what must hold after every run, whatever was done to it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Job } from '../../src/jobs/record/job.ts';
import type { Manifest } from '../../src/backups/record/manifest.ts';
import { processes } from '../harness/processes.ts';
import type { ProcessSeen } from '../harness/processes.ts';
import type { ProgramResult } from '../harness/running-program.ts';
import { waitFor } from '../harness/wait-for.ts';
import { filesWith } from '../harness/watcher.ts';
import { EXIT_CODES } from '../../src/run/errors.ts';
import type { Site } from './site.ts';

const DOCUMENTED: ReadonlySet<number> = new Set(Object.values(EXIT_CODES).map(({ exitCode }) => exitCode));

/** What a manifest is told after its backup was made. */
const LATER_FIELDS = { rehearsal: undefined, verification: undefined, pin: undefined };

/** A run that ended by itself ended in a class that is documented, and not as a bug. */
export function expectDocumentedEnd({ exitCode, signal, stderr }: ProgramResult): void {
  assert(exitCode !== undefined, `it ended by ${signal ?? 'nothing'}: ${stderr}`);
  assert(DOCUMENTED.has(exitCode), `exit code ${exitCode} is not documented: ${stderr}`);
  assert(!stderr.includes('This is a bug'), `it called itself a bug: ${stderr}`);
}

/**
 * Holds at every moment, also right after a kill: whatever has a backup's name is a whole backup, `list` shows just
 * these, and those that were there before are as they were.
 *
 * @returns Paths of the backups that were not there before.
 */
export async function expectWholeBackups(site: Site): Promise<readonly string[]> {
  const folder = join(site.backups, site.database);
  for (const [path, hash] of site.seen) assert.equal(hashOf(path), hash, `${path} was changed`);
  const visible = namesIn(folder).filter((name) => /^[^.].*\.sql(\.gz|\.zst)?$/.test(name));
  const { stdout } = await site.succeeds(['list', '--json']);
  const { backups } = JSON.parse(stdout) as { backups: readonly { path: string; state: string }[] };
  assert.deepEqual(
    backups.map(({ path, state }) => `${basename(path)} ${state}`).sort(),
    visible.map((name) => `${name} complete`).sort(),
    'list shows what lies there',
  );
  const fresh = visible.map((name) => join(folder, name)).filter((path) => !site.seen.has(path));
  for (const path of fresh) {
    expectWhole(site, path);
    for (const each of [path, manifestPath(path)]) site.seen.set(each, hashOf(each) ?? '');
  }
  return fresh;
}

function expectWhole(site: Site, path: string): void {
  const bytes = readFileSync(path);
  const manifest = JSON.parse(readFileSync(manifestPath(path), 'utf8')) as Manifest;
  assert.equal(createHash('sha256').update(bytes).digest('hex'), manifest.file.sha256, `${path}: its sha256`);
  const sql = unpacked(path, bytes).toString('latin1');
  assert.match(sql.slice(-60), /^-- Dump completed on .*\n$/m, `${path}: its end line`);
  const hash = createHash('sha256')
    .update(sql.replace(/-- Dump completed on [^\n]*\n$/, ''))
    .digest('hex');
  if (!site.contentChanges)
    assert.equal(hash, (site.contentHash ??= hash), `${path}: its SQL is that of the others`);
}

function unpacked(path: string, bytes: Buffer): Buffer {
  if (path.endsWith('.gz')) return gunzipSync(bytes);
  return path.endsWith('.zst') ? execFileSync('zstd', ['-dcq'], { input: bytes, maxBuffer: 2 ** 30 }) : bytes;
}

/**
 * Holds after every run that came to its own end: nothing that was made for the time of a run is left, `status` tells
 * of none that runs, and the password is nowhere.
 *
 * @param options.keeping The job whose previous tables are kept.
 * @param options.patienceMs How long processes and connections may take to end: they are seen a moment late.
 */
export async function expectNothingLeft(
  site: Site,
  { patienceMs = 10_000, keeping }: { readonly patienceMs?: number; readonly keeping?: string } = {},
): Promise<void> {
  await expectNoProcess(site, patienceMs);
  const names = namesIn(join(site.backups, site.database));
  const backups = names.filter((name) => /^[^.].*\.sql(\.gz|\.zst)?$/.test(name));
  assert.deepEqual(
    names.toSorted(),
    backups.flatMap((name) => [name, basename(manifestPath(name))]).toSorted(),
    'nothing but backups with their manifests in the folder of the database',
  );
  const jobFiles = namesIn(join(site.backups, '.jobs')).filter((name) => name !== `${keeping ?? ''}.old`);
  assert.deepEqual(
    jobFiles.filter((name) => !/^[a-z0-9]{8}\.(json|log)$/.test(name)),
    [],
    'nothing but state files and logs among the jobs',
  );
  assert.deepEqual(namesIn(site.tmp), [], 'nothing in TMPDIR');
  await expectNothingOnServer(site, jobFiles, patienceMs, keeping);
  const { running, jobs } = await statusOf(site);
  assert.deepEqual(
    running.map(({ id }) => id),
    [],
    'status tells of nothing that runs',
  );
  assert.deepEqual(
    jobs.filter(({ swap }) => swap !== undefined).map(({ id }) => id),
    [],
    'no restore is left unfinished',
  );
  expectSecret(site);
}

/** The password stands in no file and in nothing that was said. */
export function expectSecret(site: Site): void {
  assert.deepEqual(filesWith(site.marker, [site.folder]), [], 'no file holds the password');
  const telling = site.said.filter((text) => text.includes(site.marker));
  assert.deepEqual(telling, [], 'nothing that was said holds the password');
}

/** No process that the site's runs started is left. */
async function expectNoProcess(site: Site, deadlineMs: number): Promise<void> {
  await waitFor(
    `the end of ${familyOf(site)
      .map(({ pid, command }) => `${pid} ${command}`)
      .join(', ')}`,
    () => familyOf(site).length === 0,
    { deadlineMs },
  );
  site.pids.clear(); // what comes with one of these numbers from now on is somebody else's
}

async function expectNothingOnServer(
  site: Site,
  jobFiles: readonly string[],
  deadlineMs: number,
  keeping: string | undefined,
): Promise<void> {
  const { server, database } = site;
  await waitFor(
    'the lock on the server to be free',
    async () => (await server.query(`SELECT IS_USED_LOCK('dbbackup:${database}')`)) === 'NULL',
    { deadlineMs },
  );
  const ids = jobFiles.map((name) => name.split('.')[0] ?? '');
  const schemas = (await server.query(String.raw`SHOW DATABASES LIKE 'dbbackup\_%'`)).split('\n');
  assert.deepEqual(
    schemas.filter((name) => ids.some((id) => name.endsWith(id))),
    keeping === undefined ? [] : [`dbbackup_old_${keeping}`],
    'no scratch schema on the server',
  );
}

export async function statusOf(
  site: Site,
): Promise<{ readonly running: readonly Job[]; readonly jobs: readonly Job[] }> {
  const { stdout } = await site.succeeds(['status', '--json']);
  return JSON.parse(stdout) as { running: readonly Job[]; jobs: readonly Job[] };
}

/** What the site's runs started: in their process groups or sessions, or at work in its folder. */
export function familyOf({ pids, folder }: Site): readonly ProcessSeen[] {
  return processes().filter(
    ({ group, session, cwd, state }) =>
      state !== 'Z' &&
      (pids.has(group) ||
        pids.has(session) ||
        (cwd !== undefined && (cwd === folder || cwd.startsWith(`${folder}/`)))),
  );
}

/** Removes all but the newest few, so that trials without number do not slow each other down. */
export function thinOut(site: Site, kept: readonly string[] = []): void {
  const paths = [...site.seen.keys()]
    .filter((path) => !path.endsWith('.json') && !kept.includes(path))
    .sort();
  for (const path of paths.slice(0, -3)) {
    for (const each of [path, manifestPath(path)]) {
      rmSync(each, { force: true });
      site.seen.delete(each);
    }
  }
}

function manifestPath(path: string): string {
  return path.replace(/\.sql(\.gz|\.zst)?$/, '.json');
}

/** undefined: it is not there. Of a manifest without what came of a rehearsal, which alone may be added to it. */
function hashOf(path: string): string | undefined {
  try {
    const bytes = readFileSync(path);
    const lasting = path.endsWith('.json')
      ? JSON.stringify({ ...(JSON.parse(bytes.toString()) as Manifest), ...LATER_FIELDS })
      : bytes;
    return createHash('sha256').update(lasting).digest('hex');
  } catch {
    return undefined;
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // not made yet
  }
}
