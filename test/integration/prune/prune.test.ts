import { mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { runDbbackup } from '../../harness/dbbackup.ts';
import type { RunOptions, RunResult } from '../../harness/dbbackup.ts';
import { expectFailure } from '../../harness/failure.ts';
import { plantBackup, plantNights } from '../../harness/planted-nights.ts';
import { mountedTmpfs } from '../../harness/tmpfs.ts';
import { workspace } from '../../harness/workspace.ts';

const env = { TZ: 'Europe/Berlin' };
const prune = (args: readonly string[], options: RunOptions = {}): Promise<RunResult> =>
  runDbbackup(['prune', ...args], { env, asProcess: true, ...options });

interface Document {
  readonly schema: string;
  readonly ok: boolean;
  readonly dryRun?: boolean;
  readonly timeZone: string;
  readonly policy: object;
  readonly kept: readonly {
    readonly name: string;
    readonly reasons: readonly { readonly rule: string; readonly text: string }[];
  }[];
  readonly removed: readonly { readonly name: string; readonly sizeBytes: number }[];
  readonly freedBytes: number;
  readonly exitCode?: number;
  readonly failures?: readonly { readonly database: string; readonly error: { readonly code: string } }[];
}
const documentOf = ({ stdout }: RunResult): Document => JSON.parse(stdout) as Document;
const nameOf = (path: string): string => basename(path, '.sql.gz');
const filesIn = async (folder: string): Promise<readonly string[]> => (await readdir(folder)).sort();
const pairOf = (path: string): readonly string[] => [`${nameOf(path)}.json`, `${nameOf(path)}.sql.gz`];

describe('prune', () => {
  test('shows the very plan that it then carries out', async () => {
    const { backups } = await workspace();
    const nights = await plantNights(backups, 5);
    const folder = join(backups, 'shop');
    const before = await filesIn(folder);

    const shown = await prune(['--keep-last', '2', '--dry-run', '--json']);
    expect(shown.exitCode, shown.stderr).toBe(0);
    expect(documentOf(shown)).toMatchObject({ schema: 'dbbackup/prune/1', ok: true, dryRun: true });
    expect(await filesIn(folder)).toEqual(before);

    const done = await prune(['--keep-last', '2', '--json']);
    expect(done.exitCode, done.stderr).toBe(0);
    const { dryRun: _, ...plan } = documentOf(shown);
    expect(documentOf(done)).toEqual(plan);
    expect(plan.timeZone).toBe('Europe/Berlin');
    expect(plan.policy).toEqual({ last: '2', safety: '14d' });
    expect(plan.kept.map(({ name }) => name)).toEqual(nights.slice(0, 2).map(nameOf));
    expect(plan.kept[0]?.reasons.map(({ text }) => text)).toEqual(['newest complete', 'last 1 of 2']);
    expect(plan.removed.map(({ name }) => name)).toEqual(nights.slice(2).map(nameOf));
    expect(plan.freedBytes).toBe(plan.removed.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0));
    expect(await filesIn(folder)).toEqual(nights.slice(0, 2).flatMap(pairOf).sort());

    const again = documentOf(await prune(['--keep-last', '2', '--json']));
    expect(again.removed).toEqual([]);
  });

  test('says in words why each stays, and what goes', async () => {
    const { backups } = await workspace();
    const nights = await plantNights(backups, 3);
    const { stdout, stderr, exitCode } = await prune(['shop', '--keep-daily', '2']);
    expect(exitCode, stderr).toBe(0);
    expect(stdout).toMatch(
      /^Policy +keep-daily 2, keep-safety 14d, for each label\nDays begin in +Europe\/Berlin\n/,
    );
    expect(stdout).toMatch(/^shop: keeps 2 backups, removed 1 \(\d+ B\)$/m);
    expect(stdout).toMatch(new RegExp(`^ {2}keep +shop/${nameOf(nights[1]!)} +\\d+ B +daily 2 of 2$`, 'm'));
    expect(stdout).toMatch(new RegExp(`^ {2}removed +shop/${nameOf(nights[2]!)} +\\d+ B$`, 'm'));
    expect(stderr).toMatch(/Removed 1 backup, \d+ B; 2 backups of 1 database stay$/m);
  });

  test('prints with --quiet only the names of what it removed', async () => {
    const { backups } = await workspace();
    const nights = await plantNights(backups, 3);
    const { stdout, stderr } = await prune(['--keep-last', '2', '-q']);
    expect({ stdout, stderr }).toEqual({ stdout: `shop/${nameOf(nights[2]!)}\n`, stderr: '' });
  });

  test('takes its rules from the option file and from variables', async () => {
    const { backups, folder } = await workspace();
    await plantNights(backups, 5);
    const options = join(folder, 'dbbackup.cnf');
    await writeFile(options, '[dbbackup]\nkeep-daily=4\nkeep-safety=3w\n', { mode: 0o600 });
    const args = ['--defaults-file', options, '--dry-run', '--json'];
    expect(documentOf(await prune(args)).policy).toEqual({ daily: '4', safety: '21d' });
    const more = { ...env, DBBACKUP_KEEP_DAILY: '3', DBBACKUP_KEEP_YEARLY: 'unlimited' };
    const run = documentOf(await prune(args, { env: more }));
    expect(run.policy).toEqual({ daily: '3', yearly: 'unlimited', safety: '21d' });
    expect(run.removed).toHaveLength(1);
  });

  test.each([[[]], [['--keep-last', '0']], [['--keep-within', '0', '--keep-safety', '7d']]])(
    'refuses a policy that keeps nothing: %j',
    async (args) => {
      const { backups } = await workspace();
      await plantNights(backups, 2);
      await expectFailure(
        ['prune', ...args],
        {},
        {
          code: 'usage',
          message: 'No rule says which backups to keep, so nothing is removed.',
          hint: '--keep-daily 7 --keep-weekly 4',
        },
      );
      expect(await filesIn(join(backups, 'shop'))).toHaveLength(4);
    },
  );

  test('names what it leaves alone', async () => {
    const { backups } = await workspace();
    const [first, ...others] = await plantNights(backups, 5);
    const folder = join(backups, 'shop');
    const [alone, damaged, linked] = others as [string, string, string];
    await rm(join(folder, `${nameOf(alone)}.json`));
    await writeFile(join(folder, `${nameOf(damaged)}.json`), 'not JSON');
    await mkdir(join(backups, 'elsewhere-on-disk'));
    await rename(linked, join(backups, 'elsewhere-on-disk', basename(linked)));
    await symlink(join(backups, 'elsewhere-on-disk', basename(linked)), linked);

    const { kept, removed } = documentOf(await prune(['shop', '--keep-last', '1', '--json']));
    expect(
      Object.fromEntries(kept.map(({ name, reasons }) => [name, reasons.map(({ rule }) => rule)])),
    ).toEqual({
      [nameOf(first!)]: ['newest-complete', 'last'],
      [nameOf(alone)]: ['no-manifest'],
      [nameOf(damaged)]: ['damaged'],
      [nameOf(linked)]: ['link'],
    });
    expect(removed).toHaveLength(1);
  });

  test('a database that is locked is told, and the others are pruned', async () => {
    const { backups } = await workspace();
    await plantNights(backups, 3);
    await plantNights(backups, 3, { database: 'blog' });
    const lock = join(backups, 'blog', '.lock');
    await writeFile(lock, '{"not": "a lock of a release that is known"}');
    try {
      const result = await prune(['--keep-last', '1', '--json']);
      expect(result.exitCode).toBe(3);
      const { ok, removed, failures } = documentOf(result);
      expect({ ok, removed: removed.length, failures }).toMatchObject({
        ok: false,
        removed: 2,
        failures: [{ database: 'blog', error: { code: 'locked' } }],
      });
      const alone = await prune(['blog', '--keep-last', '1']);
      expect(alone.exitCode).toBe(11);
      expect(await filesIn(join(backups, 'blog'))).toHaveLength(7);
    } finally {
      await rm(lock);
    }
  });

  test('a name without backups is not found', async () => {
    const { backups } = await workspace();
    await plantNights(backups, 1);
    await expectFailure(
      ['prune', 'shpo', '--keep-last', '1'],
      {},
      {
        code: 'not-found',
        message: 'There are no backups of shpo in ',
        hint: 'Did you mean shop?',
      },
    );
  });

  test('ends what a killed one began, and what is hidden is no backup', async () => {
    const { backups } = await workspace();
    const [newest, dead, gone] = (await plantNights(backups, 3)) as [string, string, string];
    const folder = join(backups, 'shop');
    // Killed before the manifest went, and after it.
    await rename(dead, join(folder, `.${basename(dead)}.removing`));
    await rename(gone, join(folder, `.${basename(gone)}.removing`));
    await rm(join(folder, `${nameOf(gone)}.json`));

    const listed = JSON.parse((await runDbbackup(['list', '--json'])).stdout) as {
      backups: { path: string }[];
    };
    expect(listed.backups.map(({ path }) => path)).toEqual([newest]);
    const status = JSON.parse((await runDbbackup(['status', '--json'])).stdout) as {
      databases: { backups: number }[];
    };
    expect(status.databases[0]?.backups).toBe(1);
    const { stderr, exitCode } = await prune(['--keep-last', '1']);
    expect(exitCode).toBe(0);
    expect(stderr).toContain(`Removed what an interrupted run left: ${folder}/.${basename(dead)}.removing`);
    expect(await filesIn(folder)).toEqual(pairOf(newest));
  });

  test.runIf(process.getuid?.() === 0)(
    'on a read-only file system: exit 17, nothing is half removed',
    async () => {
      const mount = await mountedTmpfs('size=1m');
      await plantNights(mount, 3);
      const before = await filesIn(join(mount, 'shop'));
      await execa('mount', ['-o', 'remount,ro', mount]);
      try {
        await expectFailure(
          ['prune', '--keep-last', '1', '--dir', mount],
          {},
          {
            code: 'no-space',
            message: 'the file system is read-only (EROFS',
            hint: 'Choose a writable directory with --dir.',
          },
        );
        expect(await filesIn(join(mount, 'shop'))).toEqual(before);
      } finally {
        await execa('mount', ['-o', 'remount,rw', mount]);
      }
    },
  );

  test.runIf(process.getuid?.() === 0)('on a full disk: exit 17, nothing is half removed', async () => {
    const mount = await mountedTmpfs('size=256k');
    await plantNights(mount, 3);
    const before = await filesIn(join(mount, 'shop'));
    await execa('dd', ['if=/dev/zero', `of=${mount}/filler`, 'bs=4k'], { reject: false });
    await expectFailure(
      ['prune', '--keep-last', '1', '--dir', mount],
      {},
      {
        code: 'no-space',
        message: 'the disk is full (ENOSPC',
        hint: /./,
      },
    );
    expect(await filesIn(join(mount, 'shop'))).toEqual(before);
    await rm(join(mount, 'filler'));
    expect((await prune(['--keep-last', '1', '--dir', mount])).exitCode).toBe(0);
    expect(await filesIn(join(mount, 'shop'))).toHaveLength(2);
  });

  test.runIf(process.getuid?.() === 0)('a backup that cannot be removed stays whole', async () => {
    const { backups } = await workspace();
    const nights = await plantNights(backups, 3);
    const manifest = join(backups, 'shop', `${nameOf(nights[2]!)}.json`);
    const text = await readFile(manifest, 'utf8');
    const chattr = await execa('chattr', ['+i', manifest], { reject: false });
    if (chattr.exitCode !== 0) return; // a file system that knows no such thing
    try {
      const { exitCode, stderr } = await prune(['shop', '--keep-last', '1']);
      expect(exitCode).toBe(17);
      expect(stderr).toContain('permission denied (EPERM');
      expect(await filesIn(join(backups, 'shop'))).toEqual(nights.flatMap(pairOf).sort());
      expect(await readFile(manifest, 'utf8')).toBe(text);
    } finally {
      await execa('chattr', ['-i', manifest]);
    }
  });
});

describe('pin', () => {
  test('keeps a backup until it is removed', async () => {
    const { backups } = await workspace();
    const nights = await plantNights(backups, 4);
    const pinned = `shop/${nameOf(nights[3]!)}`;
    const set = await runDbbackup(['pin', pinned, '--until', '2099-01-31', '--reason', 'before the move'], {
      env,
      asProcess: true,
    });
    expect(set.exitCode, set.stderr).toBe(0);
    expect(set.stdout).toBe(`${pinned}\n`);
    expect(set.stderr).toContain(`${pinned} is pinned until 2099-01-31: before the move`);

    const list = await runDbbackup(['list'], { env, asProcess: true });
    expect(list.stdout).toMatch(/complete, pinned until 2099-01-31: before the move$/m);
    const { kept } = documentOf(await prune(['--keep-last', '1', '--json']));
    expect(kept.at(-1)).toMatchObject({
      name: nameOf(nights[3]!),
      reasons: [{ rule: 'pinned', text: 'pinned until 2099-01-31: before the move' }],
    });

    const taken = await runDbbackup(['pin', pinned, '--remove', '--json']);
    expect(JSON.parse(taken.stdout)).toMatchObject({
      ...{ schema: 'dbbackup/pin/1', ok: true, name: nameOf(nights[3]!) },
      before: { reason: 'before the move' },
    });
    expect(documentOf(await prune(['--keep-last', '1', '--json'])).removed).toHaveLength(1);
  });

  test('leaves the rest of the manifest as it is', async () => {
    const { backups } = await workspace();
    const path = await plantBackup(backups, new Date('2026-11-01T03:00:00.000Z'));
    const manifestPath = path.replace(/\.sql\.gz$/, '.json');
    const before = JSON.parse(await readFile(manifestPath, 'utf8')) as object;
    await runDbbackup(['pin', 'latest']);
    const { pin, ...after } = JSON.parse(await readFile(manifestPath, 'utf8')) as { readonly pin: object };
    expect(after).toEqual(before);
    expect(Object.keys(pin)).toEqual(['at']);
    await runDbbackup(['pin', 'latest', '--remove']);
    expect(JSON.parse(await readFile(manifestPath, 'utf8'))).toEqual(before);
  });

  test('refuses what cannot be pinned', async () => {
    const { backups, folder } = await workspace();
    const [path, other] = (await plantNights(backups, 2)) as [string, string];
    await rm(join(backups, 'shop', `${nameOf(path)}.json`));
    await writeFile(join(backups, 'shop', `${nameOf(other)}.json`), '{}');
    await writeFile(join(folder, 'dump.sql'), 'SELECT 1;\n');
    const refused = [
      [[], 'usage', 'No backup given.', 'dbbackup pin <backup>'],
      [[`shop/${nameOf(path)}`], 'usage', 'has no manifest, which would hold the pin.', 'never pruned'],
      [[`shop/${nameOf(other)}`], 'damaged', 'cannot be pinned: its manifest is invalid', 'never pruned'],
      [['./dump.sql'], 'usage', 'is not in the backup directory', '--dir'],
      [['shop/of-another-name'], 'not-found', 'There is no backup shop/of-another-name.', /./],
      [['latest', '--until', '2001-01-01'], 'usage', '2001-01-01 is in the past.', 'later date'],
      [['latest', '--until', 'soon'], 'usage', '--until is "soon"; it takes a date', undefined],
      [
        ['latest', '--remove', '--reason', 'x'],
        'usage',
        '--reason and --remove were both given.',
        'only one',
      ],
    ] as const;
    for (const [args, code, message, hint] of refused) {
      if (args[0] === 'latest') await plantBackup(backups, new Date());
      await expectFailure(['pin', ...args], {}, { code, message, hint });
    }
  });
});
