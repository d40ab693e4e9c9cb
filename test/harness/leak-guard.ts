import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { JOB_SCHEMA, type Job } from '../../src/jobs/record/job.ts';
import { EXIT_CODES } from '../../src/run/errors.ts';
import { current, recordEachTest } from './current-test.ts';
import type { Leftover } from './current-test.ts';
import { documentsIn, faultsOfDocument } from './documents.ts';
import { faultsOf, printedCommands } from './printed-commands.ts';
import { processes, signalProcess } from './processes.ts';
import type { ProcessSeen } from './processes.ts';
import type { ProgramResult } from './running-program.ts';
import { testServers } from './describe-each-server.ts';
import { waitFor } from './wait-for.ts';

recordEachTest();

/** After each integration test: nothing that dbbackup made for the time of a run may be left, and its commands work. */
afterEach(async () => {
  const { allowed, runs, results } = current();
  const left: string[] = [];
  for (const [leftover, find] of Object.entries(FINDERS) as [Leftover, () => Promise<string[]>][]) {
    if (allowed.has(leftover)) continue;
    left.push(...(await find()).map((each) => `${leftover}: ${each}`));
  }
  if (left.length > 0 || allowed.has('process'))
    for (const each of processesOfTest()) signalProcess(each.pid, 'SIGKILL');
  // Not before they are dead: a test that failed may have left one that waits for ever.
  const ended = await Promise.all(runs.map((run) => run.finished));
  if (left.length > 0) throw new Error(`The test left something behind:\n  ${left.join('\n  ')}`);
  expectTypableCommands([...results, ...ended]);
  expectPublishedDocuments([
    ...[...results, ...ended].flatMap(({ stdout }) => documentsIn(stdout)),
    ...(await jobsLeft()),
  ]);
});

/** What runs told to type can be typed, and means the same anywhere. */
function expectTypableCommands(results: readonly ProgramResult[]): void {
  const faulty = results.flatMap((result) =>
    printedCommands(result).flatMap((command) =>
      faultsOf(command, result.exitCode === EXIT_CODES.usage.exitCode).map((fault) => `${command}: ${fault}`),
    ),
  );
  if (faulty.length > 0)
    throw new Error(`Commands were printed that fail when typed:\n  ${faulty.join('\n  ')}`);
}

/** Each document is as its schema says, and has nothing besides. */
function expectPublishedDocuments(documents: readonly unknown[]): void {
  const faulty = documents.flatMap((document) =>
    faultsOfDocument(document).map((fault) => `${fault}: ${JSON.stringify(document).slice(0, 500)}`),
  );
  if (faulty.length > 0)
    throw new Error(`There are documents that their schemas do not describe:\n  ${faulty.join('\n  ')}`);
}

/** Each gives a line for everything of its kind that is there. */
const FINDERS = {
  // First, since a process that is still ending may be about to remove the others.
  process: () => settled(() => processesOfTest().map(({ pid, command }) => `${pid} ${command}`)),
  partial: async () => (await filesIn(current().folders)).filter((path) => path.endsWith('.partial')),
  'temporary file': async () =>
    filesIn(current().workspace === undefined ? [] : [(await current().workspace!).tmp]),
  'scratch schema': scratchSchemas,
  'load account': loadAccounts,
  'server lock': () => settled(heldLocks),
} as const satisfies Record<Leftover, () => Promise<string[]>>;

/** Ends of processes and connections are seen a moment late: asks again for a while before it believes in a leak. */
async function settled(find: () => string[] | Promise<string[]>): Promise<string[]> {
  try {
    await waitFor('nothing to be left', async () => (await find()).length === 0, {
      deadlineMs: current().patienceMs,
    });
    return [];
  } catch {
    return find();
  }
}

/** What the test's runs started: in their process groups or sessions, or at work in the test's folders. */
function processesOfTest(): ProcessSeen[] {
  const { runs, folders } = current();
  const started = new Set(runs.map((run) => run.pid));
  const isOurs = ({ group, session, cwd }: Omit<ProcessSeen, 'command'>) =>
    started.has(group) ||
    started.has(session) ||
    folders.some((folder) => cwd !== undefined && (cwd === folder || cwd.startsWith(`${folder}/`)));
  return processes((each) => each.pid !== process.pid && each.state !== 'Z' && isOurs(each));
}

async function filesIn(folders: readonly string[]): Promise<string[]> {
  const listings = folders.map(async (folder) => {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []); // the test removed it
    return entries.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
  });
  return (await Promise.all(listings)).flat();
}

/** Scratch schemas of the test's own jobs: those of a test in another worker are none of our business. */
async function scratchSchemas(): Promise<string[]> {
  const files = await filesIn(current().folders);
  const jobs = files.flatMap((path) => /\/\.jobs\/([^/]+)\.json$/.exec(path)?.[1] ?? []);
  if (jobs.length === 0) return [];
  const found: string[] = [];
  for (const server of testServers()) {
    const schemas = (await server.query(String.raw`SHOW DATABASES LIKE 'dbbackup\_%'`)).split('\n');
    found.push(...schemas.filter((name) => jobs.some((job) => name.endsWith(job))));
  }
  return found;
}

/** Accounts that loaded rows for jobs of the test, by their state files; they are dropped, whether they may be left or not. */
async function loadAccounts(): Promise<string[]> {
  const found: string[] = [];
  for (const path of await filesIn(current().folders)) {
    if (!/\/\.jobs\/[^/]+\.json$/.test(path)) continue;
    const loadAccount = (await jobIn(path))?.loadAccount;
    if (loadAccount === undefined) continue;
    found.push(loadAccount);
    for (const server of testServers()) await server.query(`DROP USER IF EXISTS ${loadAccount}`);
  }
  return found;
}

/** State files of the test's jobs, but for what is none. */
async function jobsLeft(): Promise<readonly unknown[]> {
  const paths = (await filesIn(current().folders)).filter((path) => /\/\.jobs\/[^/]+\.json$/.test(path));
  return (await Promise.all(paths.map(jobIn))).filter((job) => job?.schema === JOB_SCHEMA);
}

/** A test may have put anything in the place of a state file. */
async function jobIn(path: string): Promise<Partial<Job> | undefined> {
  try {
    const about = await lstat(path);
    if (!about.isFile() || about.size > 1024 * 1024) return undefined;
    return JSON.parse(await readFile(path, 'utf8')) as Partial<Job>;
  } catch {
    return undefined;
  }
}

/** Databases of the test on which a connection still holds dbbackup's lock. */
async function heldLocks(): Promise<string[]> {
  const found: string[] = [];
  for (const { server, name } of current().databases) {
    // Longer lock names are hashed.
    if (name.length > 64 - 'dbbackup:'.length) continue;
    const literal = `0x${Buffer.from(`dbbackup:${name}`).toString('hex')}`;
    const holder = await server.query(`SELECT IS_USED_LOCK(CONVERT(${literal} USING utf8mb4))`);
    if (holder !== 'NULL') found.push(`${name} by connection ${holder} on ${server.name}`);
  }
  return found;
}
