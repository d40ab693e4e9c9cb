import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { nightOf, type NightRequest } from '../../../../src/cli/schedule/night.ts';
import { lookup } from '../../../../src/settings/values/given-text.ts';
import { temporaryFolder } from '../../../harness/workspace.ts';
import { fakeContext } from '../process/fake-context.ts';

const SERVER = ['--dir', '/b', '--socket', '/run/mysqld.sock', '--user', 'root'];
const PROGRAM = '/usr/local/bin/dbbackup';

function night(request: Partial<NightRequest> = {}, { values = {}, env = {}, program = PROGRAM } = {}) {
  const given = lookup(values, {}, env);
  const { surroundings, userName } = fakeContext();
  const place = { env, userName, surroundings: { ...surroundings, program } };
  return nightOf({ databases: [], given, sameServer: SERVER, sources: {}, ...request }, place);
}

describe('nightOf', () => {
  test('backs up all databases, within a limit, quietly, from the same server into the same directory', async () => {
    expect((await night()).commands[0]).toEqual([
      PROGRAM,
      'create',
      '--all-databases',
      '--timeout',
      '6h',
      '--quiet',
      ...SERVER,
    ]);
  });

  test('or those that were named, whatever their names', async () => {
    const { commands } = await night({ databases: ['shop', '-x'] });

    expect(commands[0]).toEqual([
      PROGRAM,
      'create',
      '--timeout',
      '6h',
      '--quiet',
      ...SERVER,
      '--',
      'shop',
      '-x',
    ]);
  });

  test('then looks whether all is well', async () => {
    const env = { DBBACKUP_MAX_AGE: '50h', DBBACKUP_LABEL: 'nightly' };
    const values = { 'max-age': '50h', label: 'nightly' };

    expect((await night({}, { env, values })).commands[1]).toEqual([
      PROGRAM,
      'health',
      '--all-databases',
      '--quiet',
      '--max-age',
      '50h',
      ...SERVER,
    ]);
    expect((await night({ databases: ['-x'] })).commands[1]?.slice(-2)).toEqual(['--', '-x']);
  });

  test('says what variables say here, which are not there', async () => {
    const env = { DBBACKUP_LABEL: 'nightly', DBBACKUP_TIMEOUT: '2h' };
    const values = { label: 'nightly', timeout: '2h', compress: 'zstd' }; // one of an option file

    const [words] = (await night({}, { env, values })).commands;
    expect(words).toEqual([
      PROGRAM,
      'create',
      '--all-databases',
      '--quiet',
      '--label',
      'nightly',
      '--timeout',
      '2h',
      ...SERVER,
    ]);
  });

  test('prunes where there are rules of what to keep', async () => {
    const values = { 'keep-daily': '14' };

    expect((await night({}, { values })).commands[0]).toContain('--prune');
    // An option file says it already.
    expect((await night({}, { values: { ...values, prune: true } })).commands[0]).not.toContain('--prune');
    expect((await night()).commands[0]).not.toContain('--prune');
  });

  test('names a profile as one', async () => {
    const sameServer = ['--dir', '/b', '--defaults-group-suffix', '_nightly', '--socket', '/s'];
    const [words] = (await night({ sameServer })).commands;

    expect(words?.slice(-6)).toEqual(['--dir', '/b', '--profile', 'nightly', '--socket', '/s']);
  });

  test('shows no secret, and says what will be missing', async () => {
    const env = {
      DBBACKUP_PASSWORD: 'canary',
      DBBACKUP_PING: 'http://canary',
      DBBACKUP_ON_FAILURE: 'canary',
    };
    const values = { ping: 'http://canary', 'on-failure': 'canary' };
    const made = await night({ sources: { password: 'DBBACKUP_PASSWORD' } }, { env, values });

    expect(JSON.stringify(made)).not.toContain('canary');
    expect(made.notes).toEqual(
      ['DBBACKUP_PASSWORD', 'DBBACKUP_PING', 'DBBACKUP_ON_FAILURE'].map(
        (name) =>
          `${name} is set here, and will not be there: put its value into an option file of mode 0600.`,
      ),
    );
  });

  test.each([
    {
      title: 'for -p',
      source: '--ask-password',
      file: [],
      note: 'The password was typed here: put it into an option file of mode 0600, and add --defaults-extra-file <file>.',
    },
    {
      title: 'in a URL',
      source: '--url',
      file: [],
      note: 'The password was typed here: put it into an option file of mode 0600, and add --defaults-extra-file <file>.',
    },
    {
      title: 'beside a file',
      source: '--ask-password',
      file: ['--defaults-file', '/etc/night.cnf'],
      note: 'The password was typed here: put it into /etc/night.cnf, and give that mode 0600.',
    },
    {
      title: 'because an option file asks for it',
      source: '/root/.my.cnf [client]',
      file: [],
      note: 'The password was typed here: give it to password in /root/.my.cnf [client], and that file mode 0600.',
    },
  ])('asks nobody for a password that was typed here, $title', async ({ source, file, note }) => {
    const sameServer = ['--dir', '/b', ...file, '--user', 'root', '--ask-password', '--ssl-mode', 'REQUIRED'];
    const { commands, notes } = await night({ sameServer, sources: { password: source } });

    expect(commands[0]?.slice(6)).toEqual([
      '--dir',
      '/b',
      ...file,
      '--user',
      'root',
      '--ssl-mode',
      'REQUIRED',
    ]);
    expect(commands.flat()).not.toContain('--ask-password');
    expect(notes).toEqual([note]);
  });

  test('advises to install what runs from the cache of npx', async () => {
    const { notes } = await night({}, { program: '/home/me/.npm/_npx/1/node_modules/.bin/dbbackup' });

    expect(notes).toEqual([expect.stringContaining('npm install --global dbbackup')]);
  });

  test('takes of the PATH what a backup needs', async () => {
    const folder = await temporaryFolder();
    for (const name of ['clients', 'other', 'nodes']) await mkdir(join(folder, name));
    for (const file of ['clients/mariadb-dump', 'other/unneeded', 'nodes/node']) {
      await writeFile(join(folder, file), '');
      await chmod(join(folder, file), 0o755);
    }
    const env = { PATH: ['nodes', 'other', 'clients'].map((name) => join(folder, name)).join(':') };

    expect((await night({}, { env })).path).toBe(`${folder}/nodes:${folder}/clients:/usr/bin:/bin`);
  });
});
