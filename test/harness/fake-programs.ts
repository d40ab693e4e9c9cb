import { mkdtemp, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { REPOSITORY } from './build.ts';
import type { TestServer } from './test-server.ts';
import { workspace } from './workspace.ts';

/** Names under which dbbackup looks for the programs of a server's flavour. */
export function programNames({ flavour }: TestServer): {
  readonly dumpTool: string;
  readonly client: string;
} {
  return flavour === 'mariadb'
    ? { dumpTool: 'mariadb-dump', client: 'mariadb' }
    : { dumpTool: 'mysqldump', client: 'mysql' };
}

/** What stands in for which program: a file of `test/fixtures/bin`; undefined: the program is missing. */
interface FakePrograms {
  readonly dumpTool?: string | undefined;
  readonly client?: string | undefined;
  readonly zstd?: string;
}

/** `pathOfPrograms` in the test's workspace. */
export async function pathWith(
  server: TestServer,
  programs: FakePrograms,
  options: { readonly alone?: boolean } = {},
): Promise<{ readonly PATH: string }> {
  return pathOfPrograms((await workspace()).folder, server, programs, options);
}

/**
 * A folder for the PATH with the server's own programs, except for those that are given. What stands in for a program
 * finds the real one as `$0.real`.
 *
 * @param parent Where it is made.
 * @param alone Nothing else is on the PATH then, not even the system's programs, which fakes need.
 */
export async function pathOfPrograms(
  parent: string,
  server: TestServer,
  programs: FakePrograms,
  { alone = false } = {},
): Promise<{ readonly PATH: string }> {
  const folder = await mkdtemp(join(parent, 'programs-'));
  const names = programNames(server);
  const put = async (name: string, fake: string | undefined, real: string) => {
    await symlink(real, join(folder, fake === undefined ? name : `${name}.real`));
    if (fake !== undefined) await symlink(join(REPOSITORY, 'test/fixtures/bin', fake), join(folder, name));
  };
  if (!('dumpTool' in programs) || programs.dumpTool !== undefined)
    await put(names.dumpTool, programs.dumpTool, server.dumpTool);
  if (!('client' in programs) || programs.client !== undefined)
    await put(names.client, programs.client, server.client);
  if (programs.zstd !== undefined) await put('zstd', programs.zstd, '/usr/bin/zstd');
  return { PATH: alone ? folder : `${folder}:/usr/bin:/bin` };
}
