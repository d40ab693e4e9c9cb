#!/usr/bin/env node
// npm run demo: dbbackup on a private throw-away server, from a backup through a disaster and back. The server is
// Debian's MariaDB; `npm run demo -- /opt/mysql-9.7` takes one that is unpacked there.
import { spawnSync } from 'node:child_process';
import { installMissing } from '../machine/debian-packages.js';
import { installNodeModules } from '../machine/node-modules.js';

try {
  installNodeModules();
  installMissing(['mariadbd', 'mariadb']);
  build();
  await import('../machine/run-typescript.js');
  const { runDemo } = await import('./story.ts');
  process.exitCode = await runDemo(process.argv[2]);
} catch (error) {
  console.error(`The demo cannot go on. ${error.message}`);
  process.exitCode = 1;
}

function build() {
  const { status } = spawnSync('npm', ['run', '--silent', 'build'], { stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error('The build failed: see above.');
}
