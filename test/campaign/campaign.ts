import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { TestServer } from '../harness/test-server.ts';
import { QUICK_OPTIONS } from '../servers/quick-options.ts';
import { findServers } from '../servers/server-programs.ts';
import { startServer } from '../servers/throw-away-server.ts';
import { commitOf, installPacked } from './artefact.ts';
import { FAMILIES } from './families.ts';
import { play } from './play.ts';
import { recordResults, resultTable } from './results.ts';
import type { ResultRow } from './results.ts';

const USAGE = `npm run campaign -- [--long] [--only family,family] [--server mariadb-10.11,…] [--runs N] [--seed N]
                       [--trial N] [--no-record]

  --long       the counts of a release: hours instead of minutes
  --only       of these families alone: ${FAMILIES.map(({ name }) => name).join(', ')}
  --server     on these servers alone; all that the tests find by default
  --runs       so many trials of each family on each server
  --seed       the numbers of an earlier session
  --trial      one trial alone, as a failure tells it
  --no-record  leaves test/campaign/RESULTS.md as it is`;

const { values } = parseArgs({
  options: {
    long: { type: 'boolean', default: false },
    only: { type: 'string' },
    server: { type: 'string' },
    runs: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    trial: { type: 'string' },
    'no-record': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) console.log(USAGE);
else process.exitCode = await campaign();

async function campaign(): Promise<number> {
  const seed = Number(values.seed);
  const families = chosen('family', FAMILIES, values.only);
  const programs = chosen('server', await findServers(), values.server);
  console.error(`Seed ${seed}. Packing and installing dbbackup …`);
  const folder = await mkdtemp(join(tmpdir(), 'dbbackup-campaign-'));
  const rows: ResultRow[] = [];
  try {
    const program = await installPacked(folder);
    const commit = await commitOf();
    const date = new Date().toISOString().slice(0, 10);
    for (const [index, each] of programs.entries()) {
      const started = await startServer(each, QUICK_OPTIONS[each.flavour]);
      try {
        const server = new TestServer(started.address);
        for (const family of families) {
          if (family.servers === 'first' && index > 0) continue;
          const share = family.servers === 'first' ? 1 : programs.length;
          const trials = values.runs ?? Math.ceil(family.trials[values.long ? 'long' : 'usual'] / share);
          const missing = family.missing?.();
          if (missing !== undefined) {
            console.error(`${family.name}: not run, ${missing}.`);
            continue;
          }
          const { failures, ...outcome } = await play(
            family,
            { program, server, folder },
            {
              seed,
              trials: Number(trials),
              trial: values.trial === undefined ? undefined : Number(values.trial),
              report: (line) => console.error(`${family.name} on ${server.name}: ${line}`),
            },
          );
          const seconds = Math.round(outcome.durationMs / 1000);
          console.error(
            `${family.name} on ${server.name}: ${outcome.trials} runs, ${failures.length} failures, ${seconds} s`,
          );
          for (const { trial } of failures)
            console.error(
              `  again: npm run campaign -- --only ${family.name} --server ${server.name} --seed ${seed} --runs ${trials} --trial ${trial}`,
            );
          rows.push({
            promises: family.promises,
            family: family.name,
            fault: family.fault,
            server: `${server.flavour}-${server.version}`,
            runs: outcome.trials,
            failures: failures.length,
            seed,
            date,
            commit,
            node: process.version,
          });
          if (!values['no-record'] && values.trial === undefined) await recordResults(rows);
        }
      } finally {
        await started.stop();
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  console.log(resultTable(rows));
  return rows.some(({ failures }) => failures > 0) ? 1 : 0;
}

/** Those that were asked for by name, in their own order; all when nothing was. */
function chosen<T extends { readonly name: string }>(
  kind: string,
  all: readonly T[],
  asked: string | undefined,
): readonly T[] {
  const names = asked?.split(',') ?? all.map(({ name }) => name);
  for (const name of names) {
    if (!all.some((each) => each.name === name))
      throw new Error(
        `There is no ${kind} ${name} here, but ${all.map((each) => each.name).join(', ')}.\n${USAGE}`,
      );
  }
  return all.filter(({ name }) => names.includes(name));
}
