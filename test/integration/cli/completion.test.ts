import { statSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { folderOfDatabase } from '../../../src/backups/record/backup-name.ts';
import { runDbbackup } from '../../harness/dbbackup.ts';
import { typeInto, type ShellName } from '../../harness/typing-shell.ts';
import { workspace } from '../../harness/workspace.ts';

const NEWEST = 'nightly_2026-11-23_03-00-00';
const BACKUPS = ['manual_2026-11-22_03-00-00', NEWEST, 'pre-restore_2026-11-22_09-12-44'];
const HOSTILE = 'we$(touch pwned)`touch pwned`;touch pwned';
const QUOTED = `qu"o'te!! *?~#&|<>{}[]\\`;

/** What is typed, Tabs among it, and the words that the program gets of it. */
const LINES: readonly (readonly [keys: string, words: readonly string[]])[] = [
  ['dbbackup cre\t', ['create']],
  ['dbbackup create sh\t', ['create', 'shop']],
  ['dbbackup create --comp\tgz\t', ['create', '--compress', 'gzip']],
  ['dbbackup create --compress=gz\t', ['create', '--compress=gzip']],
  ['dbbackup create --ssl-mode VERIFY_I\t', ['create', '--ssl-mode', 'VERIFY_IDENTITY']],
  ['dbbackup health --format pr\t', ['health', '--format', 'prometheus']],
  ['dbbackup create --output out\t', ['create', '--output', 'out $(x) file.sql']],
  ['dbbackup list --dir els\t', ['list', '--dir', 'elsewhere']],
  ['dbbackup list --dir elsewhere oth\t', ['list', '--dir', 'elsewhere', 'other']],
  ['dbbackup status bc\t', ['status', 'bcdfghjk']],
  ['dbbackup restore --resume bc\t', ['restore', '--resume', 'bcdfghjk']],
  ['dbbackup list --label ni\t', ['list', '--label', 'nightly']],
  ['dbbackup diff shop/l\tmy\tn\t', ['diff', 'shop/latest', `my db/${NEWEST}`]],
  ['dbbackup show sho\tn\t', ['show', `shop/${NEWEST}`]],
  ['dbbackup show a:\tn\t', ['show', `a:b=c/${NEWEST}`]],
  ['dbbackup show we\tn\t', ['show', `${HOSTILE}/${NEWEST}`]],
  ['dbbackup show qu\tn\t', ['show', `${QUOTED}/${NEWEST}`]],
  ['dbbackup help ext\t', ['help', 'extract']],
];

const IN_QUOTES: readonly (readonly [keys: string, words: readonly string[]])[] = [
  ["dbbackup create 'my\t", ['create', 'my db']],
  ['dbbackup create "my\t', ['create', 'my db']],
  ['dbbackup create "we\t', ['create', HOSTILE]],
  ["dbbackup create 'we\t", ['create', HOSTILE]],
  ['dbbackup create "qu\t', ['create', QUOTED]],
  ["dbbackup create 'qu\t", ['create', QUOTED]],
];

/** Bash and zsh are given names with control characters, too. */
const IN_CONTROL = [['dbbackup create new\t', ['create', 'new\nline\u001b[31m\t']]] as const;

describe.each<ShellName>(['bash', 'zsh', 'fish'])('completion in %s', (shell) => {
  test('gives words that mean to the shell just what they say, and runs nothing of them', async () => {
    const folder = await plant();
    const lines = [...LINES, ...IN_QUOTES, ...(shell === 'fish' ? [] : IN_CONTROL)];

    const { started, text } = await typeInto(
      shell,
      lines.map(([keys]) => keys),
    );

    // zsh takes the slash behind a folder away again.
    const words = started.map((line) => line.map((word) => word.replace(/^elsewhere\/$/, 'elsewhere')));
    expect(words, text).toEqual(lines.map(([, expected]) => expected));
    expect(await readdir(folder)).not.toContain('pwned');
  });

  test('shows what there is to choose from', async () => {
    await plant();

    const { text } = await typeInto(shell, ['dbbackup extra\t\t--sche\t', 'dbbackup show shop/\t\t\u0015']);

    for (const name of ['latest', ...BACKUPS]) expect(text).toContain(name);
  });
});

test('a Tab loads little, and neither the driver nor what starts programs', async () => {
  const folder = await plant();
  const log = join(folder, 'opened');

  const { stdout } = await runDbbackup(['__complete', 'fish', 'show', 'shop/'], {
    wrapper: ['strace', '-f', '-e', 'trace=openat', '-o', log],
  });

  expect(stdout.split('\n')).toContain(`shop/${NEWEST}`);
  const opened = [...(await readFile(log, 'utf8')).matchAll(/"([^"]*\.c?js)", O_RDONLY.*= \d/g)];
  const files = new Set(opened.flatMap(([, file]) => file ?? []));
  const sizes = [...files].map((file) => statSync(file).size);
  expect(sizes.length).toBeGreaterThan(3);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(200_000);
  expect([...files].filter((file) => /mysql2|execa|node_modules/.test(file))).toEqual([]);
});

test.each([
  { title: 'an option file that is broken', args: ['list', '--defaults-file', '/nowhere', ''] },
  { title: 'no command of that name', args: ['backup', ''] },
  { title: 'a directory that is not there', args: ['list', '--dir', '/nowhere', ''] },
])('$title: a Tab gives nothing, and no message', async ({ args }) => {
  const { stdout, stderr, exitCode } = await runDbbackup(['__complete', 'zsh', ...args]);

  expect({ stdout: stdout.replace('none\0', ''), stderr, exitCode }).toEqual({
    stdout: '',
    stderr: '',
    exitCode: 0,
  });
});

/** A backup directory with names that a shell could stumble over, and files. */
async function plant(): Promise<string> {
  const { folder } = await workspace();
  for (const database of ['shop', 'my db', HOSTILE, QUOTED, 'a:b=c', 'new\nline\u001b[31m\t']) {
    const place = join(folder, 'backups', folderOfDatabase(database));
    await mkdir(place, { recursive: true });
    for (const name of BACKUPS) await writeFile(join(place, `${name}.sql.gz`), '');
  }
  await mkdir(join(folder, 'backups/.jobs'));
  await writeFile(join(folder, 'backups/.jobs/bcdfghjk.json'), '{}');
  await mkdir(join(folder, 'elsewhere/other'), { recursive: true });
  await writeFile(join(folder, 'elsewhere.txt'), '');
  await writeFile(join(folder, 'out $(x) file.sql'), '');
  return folder;
}
