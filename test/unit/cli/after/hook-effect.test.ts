import { join } from 'node:path';
import { readFileSync, existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { EndedRun } from '../../../../src/cli/after/ended-run.ts';
import { hookEffect } from '../../../../src/cli/after/hook-effect.ts';
import type { FlagValues } from '../../../../src/settings/table/settings-table.ts';
import { lookup } from '../../../../src/settings/values/given-text.ts';
import { waitFor } from '../../../harness/wait-for.ts';
import { temporaryFolder } from '../../../harness/workspace.ts';
import { NEVER, PATIENT, QUICK, someRun } from './some-run.ts';

const ENV = { PATH: '/usr/bin:/bin', HOME: '/home/tester' };

/** What the commands printed and what was said of them. */
async function follow(
  flags: FlagValues,
  run: EndedRun = someRun(),
  {
    env = {},
    stop = NEVER,
    bounds = PATIENT,
  }: { env?: Record<string, string>; stop?: AbortSignal; bounds?: typeof QUICK } = {},
): Promise<{ readonly printed: string; readonly warnings: readonly string[] }> {
  let printed = '';
  const warnings: string[] = [];
  const effect = hookEffect(lookup(flags, flags, {}), {
    bounds,
    warn: (text) => warnings.push(text),
    env: { ...ENV, ...env },
    print: (text) => (printed += text),
  });
  await effect?.(run, stop);
  return { printed, warnings };
}

describe('hookEffect', () => {
  test.each([
    [0, 'good'],
    [3, 'bad'],
    [130, 'bad'],
  ])('after exit code %i it runs the command for it', async (exitCode, printed) => {
    const flags = { 'on-success': 'echo good', 'on-failure': 'echo bad' };

    expect(await follow(flags, someRun({ exitCode }))).toEqual({ printed: `${printed}\n`, warnings: [] });
  });

  test('runs none where none is given for that end', async () => {
    expect(await follow({ 'on-failure': 'echo bad' })).toEqual({ printed: '', warnings: [] });
  });

  test('tells the command what came of the run, in its environment and on stdin', async () => {
    const run = someRun({
      exitCode: 3,
      databases: ['shop', 'blog'],
      backups: ['/b/one', '/b/two'],
      error: "wiki: There is no database 'wiki'.",
    });
    const script =
      'for name in EXIT_CODE OPERATION DATABASES BACKUP ERROR; do eval "echo \\"\\$DBBACKUP_$name\\""; done; cat';

    expect((await follow({ 'on-failure': script }, run)).printed).toBe(
      `3\ncreate\nshop,blog\n/b/one\n/b/two\nwiki: There is no database 'wiki'.\n${run.document}`,
    );
  });

  test('of more than fits into a variable it tells as much as does, and stdin has all', async () => {
    const databases = Array.from(
      { length: 5000 },
      (_, n) => `${String(n).padStart(4, '0')}${'ä'.repeat(60)}`,
    );
    const run = someRun({
      exitCode: 3,
      databases,
      backups: databases.map((name) => `/b/${name}`),
      error: databases.map((name) => `${name}: It is gone.`).join('\n'),
      document: `${'x'.repeat(1_000_000)}\n`,
    });
    const script =
      'echo "$DBBACKUP_DATABASES"; echo "$DBBACKUP_BACKUP" | tail -1; echo "$DBBACKUP_ERROR" | tail -1; wc -c';

    const { printed, warnings } = await follow({ 'on-failure': script }, run);
    expect(warnings).toEqual([]);
    const [names = '', backup, error, bytes] = printed.split('\n');
    const told = names.split(',');
    expect(Buffer.byteLength(names)).toBeGreaterThan(99_000);
    expect(told.slice(0, -1)).toEqual(databases.slice(0, told.length - 1));
    expect(told.at(-1)).toBe(`… and ${5000 - told.length + 1} more`);
    expect(backup).toMatch(/^… and \d{4} more$/);
    expect(error).toMatch(/^… and \d{4} more$/);
    expect(Number(bytes)).toBe(1_000_001);
  });

  test('an error longer than that is cut', async () => {
    const { printed } = await follow(
      { 'on-failure': 'echo "$DBBACKUP_ERROR"' },
      someRun({ exitCode: 1, error: 'ä'.repeat(200_000) }),
    );

    expect(printed).toBe(`${'ä'.repeat(50_000)}…\n`);
  });

  test('names hold nothing that a terminal obeys', async () => {
    const run = someRun({ databases: ['a\u001b[2Jb', 'c\nd'] });

    expect((await follow({ 'on-success': 'printf %s "$DBBACKUP_DATABASES"' }, run)).printed).toBe(
      'a\\x1b[2Jb,c\\nd',
    );
  });

  test('one that cannot be started is a warning that says why', async () => {
    const { warnings } = await follow({ 'on-success': 'true' }, someRun(), {
      env: { LARGE: 'x'.repeat(8_000_000) },
    });

    expect(warnings).toEqual(['The command of --on-success could not be started (E2BIG).']);
  });

  test('hands on the environment but what dbbackup itself takes secrets from', async () => {
    const secrets = Object.fromEntries(
      [
        'DBBACKUP_PASSWORD',
        'DBBACKUP_URL',
        'DATABASE_URL',
        'MYSQL_PWD',
        'DBBACKUP_PING',
        'DBBACKUP_ON_SUCCESS',
      ].map((name) => [name, 'canary']),
    );
    const { printed } = await follow({ 'on-success': 'env' }, someRun(), {
      env: { ...secrets, DBBACKUP_DIR: '/b', MAILTO: 'ops' },
    });

    expect(printed).toContain('HOME=/home/tester');
    expect(printed).toContain('DBBACKUP_DIR=/b');
    expect(printed).toContain('MAILTO=ops');
    expect(printed).not.toContain('canary');
  });

  test('prints what the command writes, on stdout and on stderr', async () => {
    expect((await follow({ 'on-success': 'echo out; echo err >&2' })).printed).toBe('out\nerr\n');
  });

  test('a command that does not read a long document ends as if it had', async () => {
    const run = someRun({ document: `{"x":"${'y'.repeat(5_000_000)}"}\n` });

    expect(await follow({ 'on-success': 'exec 0<&-; echo done' }, run)).toEqual({
      printed: 'done\n',
      warnings: [],
    });
    expect((await follow({ 'on-success': 'wc -c' }, run)).printed.trim()).toBe(String(run.document.length));
  });

  test.each([
    ['exit 3', 'The command of --on-success exited with 3.'],
    ['no-such-command 2> /dev/null', 'The command of --on-success exited with 127.'],
    ['kill -9 $$', 'The command of --on-success was ended by SIGKILL.'],
  ])('"%s" is a warning', async (command, warning) => {
    expect((await follow({ 'on-success': command })).warnings).toEqual([warning]);
  });

  test('a command that hangs is killed with all that it started', async () => {
    const file = join(await temporaryFolder(), 'pid');
    const command = `trap '' TERM; sleep 1234.5 & echo $! > ${file}; wait; wait`;

    expect((await follow({ 'on-success': command }, someRun(), { bounds: QUICK })).warnings).toEqual([
      'The command of --on-success was still running after 2 s, and was killed.',
    ]);
    const pid = readFileSync(file, 'utf8').trim();
    await waitFor('its end', () => Promise.resolve(!existsSync(`/proc/${pid}`)));
  });

  test('one that leaves something behind that writes to its output is not waited for longer', async () => {
    const begun = performance.now();
    await follow({ 'on-success': 'setsid sleep 5.21 & exit 0' }, someRun(), { bounds: QUICK });

    expect(performance.now() - begun).toBeLessThan(5000);
  });

  test('ends with the run that is cancelled', async () => {
    expect(
      (await follow({ 'on-success': 'sleep 1234.6' }, someRun(), { stop: AbortSignal.timeout(100) }))
        .warnings,
    ).toEqual(['The command of --on-success was ended with this run.']);
  });
});
