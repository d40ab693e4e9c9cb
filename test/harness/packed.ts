import { mkdir, mkdtemp, readdir, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { REPOSITORY } from './build.ts';

/**
 * The package as npm would unpack it, with the dependencies that are installed here, in `package` of a new folder, which
 * is for the caller to remove.
 */
export async function unpack(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'dbbackup-packed-'));
  const { stdout } = await execa(
    'npm',
    ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder],
    {
      cwd: REPOSITORY,
    },
  );
  await execa('tar', ['-xzf', join(folder, stdout.trim())], { cwd: folder });
  const modules = join(folder, 'node_modules');
  await mkdir(modules);
  for (const name of await readdir(join(REPOSITORY, 'node_modules')))
    await symlink(join(REPOSITORY, 'node_modules', name), join(modules, name));
  return folder;
}
