import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { findServers } from '../servers/server-programs.ts';
import { startServer } from '../servers/throw-away-server.ts';
import type { ServerAddress } from '../servers/throw-away-server.ts';
import { TestServer } from '../harness/test-server.ts';
import { FINGERPRINT_SQL, SHOP_SQL } from './shop.ts';

const PROGRAM = fileURLToPath(new URL('../../bin/dbbackup.js', import.meta.url));

/** Made for the demo; MySQL has never seen it when dbbackup first logs in. */
const ACCOUNT = { user: 'backup', password: 'a demo password' } as const;

/**
 * Tells the story, showing each command and what it prints.
 *
 * @param unpacked A folder with `bin/mysqld` or `bin/mariadbd`; the machine's own server by default.
 * @returns The exit code: 0 when every row is back at the end.
 */
export async function runDemo(unpacked?: string): Promise<number> {
  const programs = (await findServers({ PATH: process.env['PATH'], DBBACKUP_TEST_SERVERS: unpacked })).at(
    -1,
  )!;
  say(`Starting a private ${programs.flavour === 'mariadb' ? 'MariaDB' : 'MySQL'} ${programs.version} …`);
  const server = await startServer(programs);
  const folder = join(server.address.folder, 'demo'); // goes with the server, however the demo ends
  try {
    await mkdir(folder);
    return await story(server.address, folder);
  } finally {
    await server.stop();
  }
}

async function story(address: ServerAddress, folder: string): Promise<number> {
  const server = new TestServer(address);
  await server.sql(
    `${SHOP_SQL}
     CREATE USER '${ACCOUNT.user}'@'localhost' IDENTIFIED BY '${ACCOUNT.password}';
     GRANT ALL ON *.* TO '${ACCOUNT.user}'@'localhost';`,
  );
  await writeFile(
    join(folder, '.my.cnf'),
    `[client]\nuser=${ACCOUNT.user}\npassword="${ACCOUNT.password}"\nsocket=${server.socket}\n`,
    { mode: 0o600 },
  );
  const dbbackup = commandLine(server, folder);

  const before = await server.sql(FINGERPRINT_SQL, 'shop');
  say(`The database shop holds ${before}.`);

  say('Back it up:');
  await dbbackup('create', 'shop');
  await dbbackup('list');

  say('A disaster:');
  await sql(server, 'SET FOREIGN_KEY_CHECKS=0; DROP TABLE customers; DELETE FROM orders WHERE id % 2 = 0;');

  say(
    'Bring it back. What is replaced is saved first, and nothing changes before the backup has proved whole:',
  );
  await dbbackup('restore', 'shop/latest', '--confirm', 'shop');
  await dbbackup('status');

  const after = await server.sql(FINGERPRINT_SQL, 'shop');
  say(`The database shop holds ${after}.`);
  if (after !== before) {
    say('That is NOT what it held before.');
    return 1;
  }
  say('Every row is back.');
  return 0;
}

/** A function that runs dbbackup as a user would, in view; a failure of it ends the story. */
function commandLine(server: TestServer, folder: string) {
  return async (...args: string[]): Promise<void> => {
    console.log(`\n$ dbbackup ${args.join(' ')}`);
    const { exitCode } = await execa(process.execPath, [PROGRAM, ...args], {
      cwd: folder,
      env: { PATH: server.environment['PATH'], HOME: folder },
      extendEnv: false,
      stdio: ['ignore', 'inherit', process.stdout], // one stream, so that the order is kept
      reject: false,
    });
    if (exitCode !== 0)
      throw new Error(`dbbackup ${args.join(' ')} ended with exit code ${exitCode ?? 'none'}.`);
  };
}

async function sql(server: TestServer, text: string): Promise<void> {
  console.log(`\n$ ${server.flavour === 'mysql' ? 'mysql' : 'mariadb'} shop -e '${text}'`);
  await server.sql(text, 'shop');
}

function say(text: string): void {
  console.log(`\n${text}`);
}
