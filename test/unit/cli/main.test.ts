import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { main } from '../../../src/cli/main.ts';
import { fakeContext } from './process/fake-context.ts';

const NOWHERE = '/nonexistent/dbbackup';

describe('main', () => {
  test.each([['--version'], ['-V']])('prints the version for %s', async (flag) => {
    const context = fakeContext();

    expect(await main([flag], context)).toBe(0);
    expect(context.written).toEqual({ stdout: '1.2.3\n', stderr: '' });
  });

  test('prints the help on stdout when nothing is asked', async () => {
    const context = fakeContext();

    expect(await main([], context)).toBe(0);
    expect(context.written.stdout).toContain('Usage: dbbackup <command> [options]');
    expect(context.written.stderr).toBe('');
  });

  test('says on stderr what is wrong with a command line, and ends with 2', async () => {
    const context = fakeContext();

    expect(await main(['crate'], context)).toBe(2);
    expect(context.written).toEqual({
      stdout: '',
      stderr: "error: Unknown command 'crate'.\nhint:  did you mean create?\n",
    });
  });

  test.each([
    [['health', '--format', 'nagios', '--max-agee', '8d']],
    [['health', '--format=nagios', '--max-agee', '8d']],
    [['health', '--format', 'nagios', '--json']],
    [['health', 'shop', '-A', '--format', 'nagios']],
    [['helth', '--format', 'nagios']],
  ])('tells a monitor of a wrong command line in its own way: %j', async (argv) => {
    const context = fakeContext();

    expect(await main(argv, context)).toBe(3);
    expect(context.written).toEqual({
      stdout: expect.stringMatching(/^DBBACKUP UNKNOWN - .+\n$/),
      stderr: '',
    });
  });

  test.each([
    ['at a terminal', { stdin: true, stdout: true, stderr: true }, [], /^warning: /],
    ['with --quiet', { stdin: false, stdout: false, stderr: false }, ['--quiet'], /^warning: /],
    ['in a log', { stdin: false, stdout: false, stderr: false }, [], /^2026-11-22T03:00:00Z warning: /],
  ])('a warning of status has a time where lines have one: %s', async (_where, isTty, flags, expected) => {
    const directory = await mkdtemp(join(tmpdir(), 'dbbackup-'));
    onTestFinished(() => rm(directory, { recursive: true }));
    await writeFile(join(directory, '.jobs'), '');
    const context = fakeContext({ isTty });

    expect(await main(['status', '--dir', directory, ...flags], context)).toBe(0);
    expect(context.written.stderr).toMatch(expected);
  });

  test('names a file that verify was given by its path once', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'dbbackup-'));
    onTestFinished(() => rm(directory, { recursive: true }));
    const path = join(directory, 'cut.sql');
    await writeFile(path, 'CREATE TABLE t (id INT);\n');
    const context = fakeContext();

    expect(await main(['verify', path, '--quiet'], context)).toBe(16);
    expect(context.written.stderr).toContain(`error: ${path} does not end with`);
  });

  test('paints for a terminal that may be painted', async () => {
    const isTty = { stdin: true, stdout: true, stderr: true };
    const painted = fakeContext({ isTty });
    const plain = fakeContext({ isTty });
    await main(['crate'], painted);
    await main(['crate', '--no-color'], plain);

    expect(painted.written.stderr).toContain('\u001b[31merror:');
    expect(plain.written.stderr).toMatch(/^error:/);
  });

  test.each([
    {
      argv: ['--json'],
      document: { schema: 'dbbackup/error/1', ok: false, exitCode: 2, error: { code: 'usage' } },
    },
    { argv: ['create', '--json', '--nonsense'], document: { schema: 'dbbackup/error/1', exitCode: 2 } },
    { argv: ['create', '--json', '-psecret'], document: { schema: 'dbbackup/error/1', exitCode: 2 } },
    { argv: ['--json', '--help'], document: { schema: 'dbbackup/help/1', ok: true } },
    { argv: ['--json', '--version'], document: { schema: 'dbbackup/version/1', ok: true, version: '1.2.3' } },
  ])('gives exactly one document on stdout for $argv', async ({ argv, document }) => {
    const context = fakeContext();
    await main(argv, context);

    expect(JSON.parse(context.written.stdout)).toMatchObject(document);
  });

  test('never repeats a password', async () => {
    const context = fakeContext();
    await main(['create', '-pa-secret', '--json'], context);

    expect(context.written.stdout + context.written.stderr).not.toContain('a-secret');
  });

  test('wants a job for a log', async () => {
    const context = fakeContext();

    expect(await main(['status', '--log'], context)).toBe(2);
    expect(context.written.stderr).toContain('--log needs a job.');
    expect(context.listening()).toBe(0);
  });

  test('says what to type when there are no backups', async () => {
    const context = fakeContext();

    expect(await main(['list', 'shop', '--dir', NOWHERE], context)).toBe(0);
    expect(context.written.stdout).toBe('');
    expect(context.written.stderr).toBe(
      `No backups of shop in ${NOWHERE}.\n` +
        'Make one with create. If they are elsewhere, use --dir <folder>.\n',
    );
  });

  test('says of which databases there are backups when there are none of the one that was named', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'dbbackup-main-'));
    onTestFinished(() => rm(directory, { recursive: true }));
    await mkdir(join(directory, 'shop'));
    await writeFile(join(directory, 'shop', 'manual_2026-11-22_03-00-00.sql'), '');
    const context = fakeContext();

    expect(await main(['list', 'shp', '--dir', directory], context)).toBe(0);
    expect(context.written.stderr).toContain('There are backups of shop.\n');
  });

  test('lists no backups as a document', async () => {
    const context = fakeContext({ env: { DBBACKUP_DIR: NOWHERE } });

    expect(await main(['list', '--json'], context)).toBe(0);
    expect(JSON.parse(context.written.stdout)).toEqual({
      schema: 'dbbackup/list/1',
      ok: true,
      directory: NOWHERE,
      kept: [],
      backups: [],
      total: 0,
      truncated: false,
      unreadable: [],
    });
  });

  test('says where settings came from when verbose', async () => {
    const context = fakeContext({ env: { DBBACKUP_DIR: NOWHERE } });
    await main(['list', '-v'], context);

    expect(context.written.stderr).toContain(`setting dir = ${NOWHERE} (DBBACKUP_DIR)`);
  });

  test.each([
    { argv: ['create', 'shop', '--timeout', '90'], message: '--timeout is "90"' },
    { argv: ['create', 'shop', '--label', 'pre-restore'], message: '--label is "pre-restore"' },
    { argv: ['create'], message: 'No database given.' },
    { argv: ['restore', ''], message: 'The backup to restore is empty.' },
  ])('ends $argv with 2 before anything is touched', async ({ argv, message }) => {
    const context = fakeContext();

    expect(await main([...argv, '--dir', NOWHERE], context)).toBe(2);
    expect(context.written.stderr).toContain(message);
    expect(context.listening()).toBe(0);
  });
});
