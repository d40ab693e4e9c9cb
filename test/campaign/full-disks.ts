import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { execa } from 'execa';
import { mountTmpfs } from '../harness/tmpfs.ts';
import type { Family } from './family.ts';
import { expectNothingLeft, expectWholeBackups } from './invariants.ts';
import { Site } from './site.ts';

const STEP_KIB = 64;

/** Sizes from nothing up to one in which everything fits. */
export const fullDisks: Family = {
  name: 'full-disks',
  promises: 'P16, P1, P2',
  fault: `create into a file system of every size in steps of ${STEP_KIB} KiB, until it fits`,
  trials: { brief: 1, usual: 16, long: 100_000 },
  servers: 'first',
  lanes: 1,
  missing: () =>
    process.getuid?.() === 0 ? undefined : 'only root may mount (unshare -rm npm run campaign)',
  async prepare(bed) {
    const site = await Site.open(bed);
    const args = ['create', site.database, '--compress', 'none'];
    await mkdir(site.backups);
    await mountTmpfs(site.backups, 'size=64m');
    await site.succeeds(args);
    await expectWholeBackups(site);
    const neededKib = (await usedBytes(site.backups)) / 1024;
    await unmount(site.backups);
    const steps = Math.ceil(neededKib / STEP_KIB) + 3;
    return {
      cases: Array.from({ length: steps }, (_, n) => `size=${n === 0 ? 8 : n * STEP_KIB}k`),
      async attempt({ title }) {
        site.seen.clear();
        await mountTmpfs(site.backups, title);
        try {
          const { exitCode, stderr } = await site.run(args);
          assert([0, 17].includes(exitCode ?? -1), `exit ${String(exitCode)}: ${stderr}`);
          if (exitCode === 17) {
            assert.match(stderr, /the disk is full \(ENOSPC/, 'it says that the disk is full');
            assert(stderr.includes(site.backups), `it names the path: ${stderr}`);
          }
          const made = await expectWholeBackups(site);
          assert.equal(made.length, exitCode === 0 ? 1 : 0, `backups made, exit ${String(exitCode)}`);
          await execa('mount', ['-o', 'remount,size=64m', site.backups]);
          await site.create('--compress', 'none');
          await expectWholeBackups(site);
          await expectNothingLeft(site);
        } finally {
          await unmount(site.backups);
        }
      },
      async [Symbol.asyncDispose]() {
        await site[Symbol.asyncDispose]();
      },
    };
  },
};

async function unmount(folder: string): Promise<void> {
  await execa('umount', [folder]);
}

async function usedBytes(folder: string): Promise<number> {
  const { stdout } = await execa('df', ['--output=used', '--block-size=1', folder]);
  return Number(stdout.trim().split('\n').at(-1));
}
