import { expect, test } from 'vitest';
import { main } from '../../../../src/cli/main.ts';
import { temporaryFolder } from '../../../harness/workspace.ts';
import { putBackup } from '../../backups/planted-files.ts';
import { fakeContext } from '../process/fake-context.ts';

async function listed(...args: readonly string[]) {
  const directory = await temporaryFolder();
  for (const day of [20, 21, 22]) {
    const label = day === 21 ? 'manual' : 'nightly';
    const name = `${label}_2026-11-${day}_03-00-00`;
    putBackup(directory, 'shop', { name, label, startedAt: `2026-11-${day}T03:00:00Z` });
  }
  const context = fakeContext({ env: { DBBACKUP_LABEL: 'weekly' } });
  const exitCode = await main(['list', '--dir', directory, ...args], context);
  return { exitCode, ...context.written };
}

test('lists those with a label; the label of create is another setting', async () => {
  expect((await listed('--label', 'nightly', '-q')).stdout).toBe(
    'shop/nightly_2026-11-22_03-00-00\nshop/nightly_2026-11-20_03-00-00\n',
  );
  expect((await listed('-q')).stdout.split('\n')).toHaveLength(4);
});

test('lists the newest so many, and says how many there are', async () => {
  const { stdout, stderr } = await listed('--limit', '1');

  expect(stdout).toContain('shop/nightly_2026-11-22_03-00-00');
  expect(stdout).not.toContain('2026-11-21');
  expect(stderr).toBe('2 older backups not shown.\n');
});

test('tells in a document whether some are left out', async () => {
  const limited = await listed('--limit', '1', '--label', 'nightly', '--json');
  const all = await listed('--json');

  expect(JSON.parse(limited.stdout)).toMatchObject({ backups: [{}], total: 2, truncated: true });
  expect(JSON.parse(all.stdout)).toMatchObject({ backups: [{}, {}, {}], total: 3, truncated: false });
});

test('names the labels that there are', async () => {
  expect(await listed('--label', 'weekly')).toEqual({
    exitCode: 0,
    stdout: '',
    stderr: 'No backups with the label weekly. There are backups with the label manual, nightly.\n',
  });
});

test.each([
  [['--limit', '0'], '--limit is "0"; it takes a whole number from 1 on.'],
  [['--label', 'a_b'], '--label is "a_b"; it takes'],
])('refuses %j', async (args, words) => {
  expect(await listed(...args)).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(words) });
});
