import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { pinBackup, pruneBackups } from '../../../src/library/prune.ts';
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

test('a program prunes and pins as the command line does', async () => {
  const nights = await plantNights(directory, 4);
  const oldest = nights.at(-1) ?? '';
  const { backup } = await pinBackup({ directory, reference: oldest, reason: 'a move' }, runtime());
  expect(backup.manifest.pin).toMatchObject({ reason: 'a move' });

  const keep = { last: 1, within: '0', safety: '1mo' } as const;
  const shown = await pruneBackups({ directory, keep, dryRun: true }, runtime());
  expect(shown.databases[0]?.removed.map(({ path }) => path)).toEqual(nights.slice(1, 3));
  expect(readdirSync(join(directory, 'shop'))).toHaveLength(8);

  const begun: string[] = [];
  const { databases, failures } = await pruneBackups({ directory, keep }, runtime(), {
    begins: (database) => begun.push(database),
  });
  expect({ begun, failures }).toEqual({ begun: ['shop'], failures: [] });
  expect(databases[0]?.kept.map(({ reasons }) => reasons.map(({ rule }) => rule))).toEqual([
    ['newest-complete', 'last'],
    ['pinned'],
  ]);
  expect(readdirSync(join(directory, 'shop'))).toHaveLength(4);

  await pinBackup({ directory, reference: oldest, remove: true }, runtime());
  await pruneBackups({ directory, keep: { last: 'unlimited' } }, runtime());
  const careful = { directory, keep: { last: 1, requiresCopy: true } };
  expect((await pruneBackups(careful, runtime())).databases[0]?.removed).toEqual([]);
  expect(readdirSync(join(directory, 'shop'))).toHaveLength(4);
});

test.each([
  [{}, 'No rule says which backups to keep'],
  [{ daily: 1.5 }, 'daily is "1.5"; it takes a whole number'],
  [{ within: '6m' }, 'within is "6m"; it takes a time'],
])('a policy %j is refused', async (keep, message) => {
  await expect(pruneBackups({ directory, keep }, runtime())).rejects.toMatchObject({
    code: 'usage',
    message: expect.stringContaining(message),
  });
});
