import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

/** Runs `npm ci` when it has not been run. Nothing here may import a package: there may be none yet. */
export function installNodeModules() {
  if (existsSync(`${REPOSITORY}/node_modules/.package-lock.json`)) return;
  console.error('Installing the packages of package-lock.json …');
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: REPOSITORY,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) throw new Error('npm ci failed: see above.');
}
