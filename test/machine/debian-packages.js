import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** What the tests and the demo start, and the Debian package that each comes from. */
const PACKAGES = [
  { programs: ['mariadbd', 'mysqld'], packages: ['mariadb-server'] },
  { programs: ['mariadb', 'mysql'], packages: ['mariadb-client'] },
  { programs: ['zstd'], packages: ['zstd'] },
  { programs: ['pigz'], packages: ['pigz'] },
  { programs: ['strace'], packages: ['strace'] },
  { programs: ['ps'], packages: ['procps'] },
  { programs: ['bash'], packages: ['bash'] },
  { programs: ['zsh'], packages: ['zsh'] },
  { programs: ['fish'], packages: ['fish'] },
  { programs: ['mandoc'], packages: ['mandoc'] },
];

/**
 * Installs the Debian packages of those programs that are missing. Says on stderr what it does, and nothing when
 * there is nothing to do.
 *
 * @param {readonly string[]} wanted Programs to look for, by the first name in PACKAGES; none given: all.
 * @throws {Error} With the command to type, when it may not or cannot.
 */
export function installMissing(wanted = []) {
  const missing = PACKAGES.filter(
    ({ programs }) =>
      (wanted.length === 0 || wanted.includes(programs[0] ?? '')) && !programs.some(isInstalled),
  ).flatMap(({ packages }) => packages);
  if (missing.length === 0) return;

  const command = ['apt-get', 'install', '-y', '--no-install-recommends', ...missing];
  const byHand = `Install by hand: sudo ${command.join(' ')}`;
  if (!isInstalled('apt-get'))
    throw new Error(`Missing: ${missing.join(', ')}, and this is not Debian. ${byHand}`);
  const isRoot = process.getuid?.() === 0;
  if (!isRoot && !isInstalled('sudo')) throw new Error(`Missing: ${missing.join(', ')}. ${byHand}`);
  const sudo = isRoot ? [] : ['sudo', '-n']; // -n: fails rather than asks, nobody may be there to answer

  console.error(`Installing ${missing.join(', ')} …`);
  if (!run([...sudo, ...command])) {
    // A fresh image has no package lists yet.
    if (!run([...sudo, 'apt-get', 'update']) || !run([...sudo, ...command])) {
      throw new Error(`${missing.join(', ')} could not be installed. ${byHand}`);
    }
  }
}

/** @param {string[]} command */
function run([program = '', ...args]) {
  // policy-rc.d's exit 101 would be the clean way to keep the packaged server from starting; without an init system
  // it does not start anyway, and with one it is harmless: the tests never use it.
  const { status } = spawnSync(program, args, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  return status === 0;
}

/** @param {string} program */
function isInstalled(program) {
  // Servers are in sbin, which is on the PATH of root only.
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin'];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false; // not here: look in the next
    }
  });
}
