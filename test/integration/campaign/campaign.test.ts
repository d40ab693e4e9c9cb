import { expect, test } from 'vitest';
import { workingCopy } from '../../campaign/artefact.ts';
import { FAMILIES } from '../../campaign/families.ts';
import { play } from '../../campaign/play.ts';
import { testServers } from '../../harness/describe-each-server.ts';
import { temporaryFolder } from '../../harness/workspace.ts';

/** The same in every run of the tests; `npm run campaign` takes another each time. */
const SEED = 20_261_123;

/**
 * Those that have no trial here take long, and other tests do some of the same: at named steps and moments
 * `restore/recover/kill`, `restore/recover/killed`, `restore/undo/killed-undo` and `jobs/detach` kill what the campaign
 * kills at random ones.
 */
const BRIEF = FAMILIES.filter(({ trials, missing }) => trials.brief > 0 && missing?.() === undefined);

/** A trial or two of what the campaign does, the servers taking turns. */
test.each(BRIEF.map((family, index) => ({ family, index, title: family.name })))(
  'the campaign finds nothing broken by $title',
  async ({ family, index }) => {
    const servers = testServers();
    const server = family.servers === 'first' ? servers[0]! : servers[index % servers.length]!;
    const bed = { program: workingCopy(), server, folder: await temporaryFolder() };
    const { failures } = await play(family, bed, {
      seed: SEED,
      trials: family.trials.brief,
      report: (line) => console.error(line),
    });
    expect(failures).toEqual([]);
  },
  120_000,
);
