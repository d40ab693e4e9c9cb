import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Whose rights a throw-away server runs with. */
export interface ServerAccount {
  readonly uid: number;
  readonly gid: number;
}

/**
 * The account `mysql` when we are root, because servers refuse to run as root; otherwise our own.
 * Debian's server package makes the account; where there are only unpacked servers, it is made here.
 */
export async function serverAccount(): Promise<ServerAccount> {
  const uid = process.getuid?.() ?? 0;
  const gid = process.getgid?.() ?? 0;
  if (uid !== 0) return { uid, gid };
  return (await mysqlAccount()) ?? (await addMysqlAccount());
}

async function mysqlAccount(): Promise<ServerAccount | undefined> {
  const run = promisify(execFile);
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', 'mysql']), run('id', ['-g', 'mysql'])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return undefined; // id fails for an account that does not exist
  }
}

async function addMysqlAccount(): Promise<ServerAccount> {
  await promisify(execFile)('useradd', [
    '--system',
    '--no-create-home',
    '--shell',
    '/usr/sbin/nologin',
    'mysql',
  ]);
  const added = await mysqlAccount();
  if (added === undefined)
    throw new Error('The account mysql could not be made; run the tests as another user than root.');
  return added;
}

/**
 * How a server is told to take that account. It changes to it itself, after it has read its own files: unpacked servers
 * lie in a home folder, which the account may not enter.
 */
export function accountOptions(): string[] {
  return process.getuid?.() === 0 ? ['--user=mysql'] : [];
}
