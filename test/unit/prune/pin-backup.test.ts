import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { manifestPathOf } from '../../../src/backups/record/manifest-file.ts';
import type { Manifest, Rehearsal } from '../../../src/backups/record/manifest.ts';
import { recordRehearsal } from '../../../src/backups/record/write-manifest.ts';
import { lockManifests } from '../../../src/jobs/lock-folder.ts';
import { pinBackup } from '../../../src/prune/pin-backup.ts';
import { pruneBackups } from '../../../src/prune/prune-backups.ts';
import { DEFAULT_SAFETY } from '../../../src/prune/policy.ts';
import type { Runtime } from '../../../src/run/runtime.ts';
import { plantNights } from '../../harness/planted-nights.ts';
import { temporaryFolder } from '../../harness/workspace.ts';
import { quietRuntime } from '../run/quiet-runtime.ts';

/** What is planted is of the last nights. */
const runtime = (): Runtime => ({ ...quietRuntime(), now: () => new Date() });

let directory = '';
beforeEach(async () => {
  directory = await temporaryFolder();
});

const pin = (reference: string): ReturnType<typeof pinBackup> =>
  pinBackup({ reference, directory, database: undefined, pin: { reason: reference } }, runtime());

const manifestOf = (path: string): Manifest =>
  JSON.parse(readFileSync(manifestPathOf(path), 'utf8')) as Manifest;

test('a pin and the outcome of a rehearsal do not lose each other', async () => {
  const [path = ''] = await plantNights(directory, 1);
  const { file } = manifestOf(path);
  const rehearsed = async (job: string): Promise<void> => {
    const holder = { database: 'shop', operation: 'verify', job } as const;
    await using _lock = await lockManifests(join(directory, 'shop'), holder, runtime());
    const server = { flavour: 'mariadb', version: '11.8.3' } as const;
    const rehearsal: Rehearsal = {
      at: '2026-11-28T03:00:00Z',
      job,
      durationMs: 1,
      ok: true,
      server,
      tables: 0,
    };
    await recordRehearsal(manifestPathOf(path), file.sha256, rehearsal, runtime().userId);
  };
  for (let round = 0; round < 10; round += 1) {
    await Promise.all([rehearsed(`bcdfgh${round}2`), pin('latest')]);
    expect(manifestOf(path)).toMatchObject({
      rehearsal: { job: `bcdfgh${round}2` },
      pin: { reason: 'latest' },
    });
  }
  expect(readdirSync(join(directory, 'shop'))).toHaveLength(2);
});

test('a backup that is pinned while it is pruned is kept, or the pin fails', async () => {
  for (let round = 0; round < 20; round += 1) {
    const nights = await plantNights(directory, 3);
    const oldest = nights[2] ?? '';
    const prune = pruneBackups(
      {
        ...{ directory, databases: [], timeZone: 'UTC', dryRun: false, lockWaitMs: 0 },
        policy: { counts: { last: 1 }, safety: DEFAULT_SAFETY },
      },
      runtime(),
    );
    const reference = `shop/${oldest.slice(oldest.lastIndexOf('/') + 1, -'.sql.gz'.length)}`;
    const isPinned = await pin(reference).then(
      () => true,
      () => false,
    );
    expect((await prune).failures).toEqual([]);
    const names = readdirSync(join(directory, 'shop'));
    expect(names, `round ${round}`).toHaveLength(isPinned ? 4 : 2);
    if (isPinned) await pinBackup({ reference, directory, database: undefined, pin: undefined }, runtime());
  }
});
