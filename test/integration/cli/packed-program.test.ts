import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { execa } from 'execa';
import { beforeAll, describe, expect, test } from 'vitest';
import { COMMAND_NAMES } from '../../../src/cli/commands/command-table.ts';
import { groupOf, longFlag, settingsOf } from '../../../src/settings/table/settings-of-command.ts';
import type { SettingRow } from '../../../src/settings/table/settings-of-command.ts';
import { EXIT_CODES } from '../../../src/run/errors.ts';
import type { SettingKey } from '../../../src/settings/table/settings-table.ts';
import type { CommandName } from '../../../src/settings/table/setting.ts';
import { backUp } from '../../harness/backup.ts';
import { freshDatabase } from '../../harness/database.ts';
import { testServers } from '../../harness/describe-each-server.ts';
import { PUBLISHED } from '../../harness/documents.ts';
import { loadProgram } from '../../harness/in-process.ts';
import type { RunInProcess } from '../../harness/in-process.ts';
import { unpack } from '../../harness/packed.ts';
import { workspace } from '../../harness/workspace.ts';

const server = testServers()[0]!;
const EXITS: ReadonlySet<number> = new Set(Object.values(EXIT_CODES).map(({ exitCode }) => exitCode));

/** What a flag is given; an empty string: a file that is there and holds nothing of use. */
const VALUES: Readonly<Partial<Record<SettingKey, string>>> = {
  dir: 'elsewhere',
  host: '127.0.0.1',
  port: String(server.port),
  socket: '/nowhere/mysqld.sock',
  user: server.user,
  'password-file': '',
  url: `mysql://${server.user}@127.0.0.1:${server.port}/`,
  'defaults-file': '',
  'defaults-extra-file': '',
  'defaults-group-suffix': '_nightly',
  'ssl-mode': 'DISABLED',
  'ssl-ca': '',
  'ssl-cert': '',
  'ssl-key': '',
  label: 'nightly',
  'only-label': 'nightly',
  limit: '3',
  'load-account': 'auto',
  compress: 'none',
  'safety-compress': 'none',
  output: 'dump.sql',
  to: 'information_schema', // which no restore takes
  'from-database': 'information_schema',
  confirm: 'another',
  table: 'orders',
  jobs: '1',
  resume: 'no-such-job',
  timeout: '1m',
  'lock-wait': '1s',
  'metrics-file': 'dbbackup.prom',
  'max-age': '8d',
  'max-size-drop': '90%',
  'max-verify-age': '8d',
  'max-rehearsal-age': '31d',
  'min-copies': '1',
  format: 'json',
  profile: 'no-such-profile',
  'exclude-database': 'nothing_of_that_name',
  ping: 'no-url', // a real one would be tried for a minute
  'on-success': 'true',
  'on-failure': 'true',
  'health-ping': 'no-url',
  'health-on-success': 'true',
  'health-on-failure': 'true',
  'keep-last': '3',
  'keep-hourly': '3',
  'keep-daily': '3',
  'keep-weekly': '3',
  'keep-monthly': '3',
  'keep-yearly': 'unlimited',
  'keep-within': '14d',
  'keep-safety': '1mo',
  until: '2099-01-31',
  reason: 'before the upgrade',
};

/** Those that change nothing about how a command goes that has all of them that it takes. */
const TOGETHER: ReadonlySet<SettingKey> = new Set([
  ...(['verbose', 'no-color', 'no-input', 'defaults-extra-file', 'defaults-group-suffix'] as const),
  ...(['label', 'compress', 'allow-empty', 'skip-routines', 'skip-events', 'skip-triggers'] as const),
  ...(['prune', 'keep-last', 'keep-hourly', 'keep-daily', 'keep-weekly', 'keep-monthly'] as const),
  ...([
    'keep-yearly',
    'keep-within',
    'keep-safety',
    'require-copy',
    'timeout',
    'lock-wait',
    'metrics-file',
  ] as const),
  ...(['on-success', 'on-failure', 'safety-compress', 'allow-incomplete', 'allow-outside'] as const),
  ...(['allow-unsafe', 'skip-accounts', 'max-age', 'max-size-drop', 'max-verify-age'] as const),
  ...(['max-rehearsal-age', 'min-copies', 'limit', 'load-account', 'skip-broken'] as const),
]);

/** How a command that has all of those ends, where not as without any: a prune has rules then, health finds something. */
const ENDS: Readonly<Partial<Record<CommandName, number>>> = {
  prune: 0,
  health: EXIT_CODES.unhealthy.exitCode,
};

let root = '';
let run: RunInProcess;
beforeAll(async () => {
  const folder = await unpack();
  root = join(folder, 'package');
  run = await loadProgram(join(root, 'dist'));
  return () => rm(folder, { recursive: true });
});

const runAsProcess: RunInProcess = async (args, { cwd, env }) => {
  const { exitCode, stdout, stderr } = await execa(
    process.execPath,
    [join(root, 'bin/dbbackup.js'), ...args],
    {
      cwd,
      env: { ...env },
      extendEnv: false,
      reject: false,
      stdin: 'ignore',
    },
  );
  return { exitCode: exitCode ?? -1, stdout, stderr };
};

describe('the packed program', () => {
  test('has what its modules import, and neither sources nor maps', async () => {
    const files = await readdir(root, { recursive: true });
    const there = new Set(files);
    for (const file of files.filter((name) => /\.c?js$/.test(name))) {
      const text = await readFile(join(root, file), 'utf8');
      const imports = file.endsWith('.cjs')
        ? /\brequire\("(\.[^"]+\.cjs)"/g
        : /(?:from|import\() ?'(\.[^']+)'/g;
      for (const [, path = ''] of text.matchAll(imports))
        expect(there, `${file} imports it`).toContain(join(file, '..', path));
    }
    expect(files.filter((name) => /\.map$|(?<!\.d)\.ts$/.test(name))).toEqual([]);
  });

  test('has the schema of every document', async () => {
    const { resolve } = createRequire(join(root, 'package.json'));
    const found = PUBLISHED.map((name) => resolve(`dbbackup/schemas/${name}.json`));

    expect(await readdir(join(root, 'schemas'))).toEqual(found.map((path) => basename(path)).sort());
  });

  test('has a manual page of each command that formatters take without a warning', async () => {
    const { man } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { man: string[] };
    const pages = ['dbbackup', ...COMMAND_NAMES.map((name) => `dbbackup-${name}`)].map(
      (name) => `./dist/man/${name}.1`,
    );
    expect(man).toEqual(expect.arrayContaining(pages));

    const { stdout, stderr } = await execa('mandoc', ['-T', 'lint', '-W', 'warning', ...pages], {
      cwd: root,
      reject: false,
    });
    expect({ stdout, stderr }).toEqual({ stdout: '', stderr: '' });
  });

  test.each(COMMAND_NAMES)('takes every flag of %s without stumbling', async (command) => {
    const database = await freshDatabase(server, { sql: 'CREATE TABLE orders (id INT PRIMARY KEY);' });
    await backUp(server, database);
    const { folder } = await workspace();
    await writeFile(join(folder, 'empty'), '', { mode: 0o600 });
    const operands: Readonly<Record<CommandName, readonly string[]>> = {
      ...{ create: [database], restore: [`${database}/latest`], verify: ['latest'], undo: [] },
      ...{ list: [], status: [], doctor: [database], show: ['latest'], extract: ['latest'] },
      ...{ diff: ['latest', 'latest'], health: [] },
      ...{ prune: [], pin: ['latest'], completion: ['bash'] },
    };

    const argumentsOf = (row: SettingRow): readonly string[] => {
      const value = VALUES[row.key] === '' ? join(folder, 'empty') : VALUES[row.key];
      const takesValue = row.flags.includes('<');
      expect(value !== undefined, `VALUES must say what ${longFlag(row)} is given`).toBe(takesValue);
      return [longFlag(row), ...(value === undefined ? [] : [value])];
    };
    const tryOut = async (
      how: RunInProcess,
      flags: readonly string[],
      subject = operands[command],
    ): Promise<number> => {
      const args = [command, ...subject, ...flags];
      const { exitCode, stderr } = await how(args, {
        cwd: folder,
        env: { ...server.environment, TMPDIR: folder },
      });
      const told = { args, stderr, exitCode };
      expect(told).not.toMatchObject({ stderr: expect.stringContaining('This is a bug in dbbackup') });
      expect(EXITS, JSON.stringify(told)).toContain(exitCode);
      return exitCode;
    };
    const rows = settingsOf(command).filter(({ flags }) => flags !== '');
    const plain = await tryOut(runAsProcess, []);
    const together = rows.filter(({ key }) => TOGETHER.has(key)).flatMap(argumentsOf);
    expect(await tryOut(run, together), 'so that none of them hides another').toBe(ENDS[command] ?? plain);
    for (const row of rows.filter(({ key }) => !TOGETHER.has(key))) {
      // What goes on alone would outlive the test; and to connect is all that a setting of the connection does.
      const isBrief = row.key === 'detach' || (groupOf(row) === 'connection' && command !== 'verify');
      const subject = isBrief ? ['nothing-of-that-name'] : operands[command];
      await tryOut(row.key === 'detach' ? runAsProcess : run, argumentsOf(row), subject);
    }
  });
});
