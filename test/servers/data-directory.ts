import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, chown, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { execa } from 'execa';
import { accountOptions, serverAccount } from './server-account.ts';
import type { ServerPrograms } from './server-programs.ts';

/**
 * Fills `target` (which must not exist) with the data of a freshly initialised server: root without a password.
 *
 * Initialising takes MySQL 10 s or more, so it is done once per version and kept under `$XDG_CACHE_HOME`
 * (default: `node_modules/.cache`); afterwards it is a copy.
 */
export async function copyFreshData(programs: ServerPrograms, target: string): Promise<void> {
  const template = await freshDataTemplate(programs);
  await promisify(execFile)('cp', ['-a', '--reflink=auto', template, target]); // -a keeps the owner
  await rm(join(target, 'auto.cnf'), { force: true }); // MySQL's name of the server, which makes itself another
}

async function freshDataTemplate(programs: ServerPrograms): Promise<string> {
  const cache = join(
    process.env['XDG_CACHE_HOME'] ?? fileURLToPath(new URL('../../node_modules/.cache', import.meta.url)),
    'dbbackup-test-servers',
  );
  const origin = createHash('sha256').update(programs.server).digest('hex').slice(0, 8);
  const template = join(
    cache,
    `${programs.name}-${programs.version}-${origin}-uid${(await serverAccount()).uid}`,
  );
  if (await exists(template)) return template;

  await mkdir(cache, { recursive: true });
  // The server's account may not reach into the cache, so the data are made in the temp folder.
  const work = await mkdtemp(join(tmpdir(), 'dbbackup-init-'));
  try {
    await initialise(programs, work);
    const partial = await mkdtemp(join(cache, '.partial-'));
    await promisify(execFile)('cp', ['-a', `${join(work, 'data')}/.`, partial]);
    await rename(partial, template).catch(async (error: unknown) => {
      await rm(partial, { recursive: true });
      if (!(await exists(template))) throw error; // another run was faster: its copy is as good
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return template;
}

async function initialise(programs: ServerPrograms, work: string): Promise<void> {
  const data = join(work, 'data');
  // Its own: a MariaDB that starts removes the temporary tables of others that are in its folder for them.
  const temporary = join(work, 'tmp');
  const { uid, gid } = await serverAccount();
  await mkdir(data, { mode: 0o755 });
  await chown(work, uid, gid);
  await chown(data, uid, gid);
  await mkdir(temporary);
  await chown(temporary, uid, gid);
  const common = [
    ...['--no-defaults', `--datadir=${data}`, `--tmpdir=${temporary}`],
    ...programs.locationOptions,
    ...accountOptions(),
  ];
  const options = { cwd: work };
  if (programs.flavour === 'mysql') {
    await execa(
      programs.server,
      [...common, '--initialize-insecure', '--innodb-redo-log-capacity=8M'],
      options,
    );
    return;
  }
  const input = [
    'create database if not exists mysql;',
    'use mysql;',
    ...(await systemTablesSql(programs.share)),
  ];
  await execa(programs.server, [...common, '--bootstrap', '--innodb-log-file-size=8M'], {
    ...options,
    input: input.join('\n'),
  });
}

/** What mariadb-install-db feeds to the server; the files' names changed from `mysql_*` to `mariadb_*` in 11. */
async function systemTablesSql(share: string): Promise<string[]> {
  const parts = ['system_tables', 'performance_tables', 'system_tables_data', 'sys_schema'];
  const files = parts.map((part) => [`mariadb_${part}.sql`, `mysql_${part}.sql`]);
  files.splice(3, 0, ['maria_add_gis_sp_bootstrap.sql']);
  const texts: string[] = [];
  for (const candidates of files) {
    for (const candidate of candidates) {
      const file = join(share, candidate);
      if (!(await exists(file))) continue;
      texts.push(await readFile(file, 'utf8'));
      break;
    }
  }
  return texts;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
