import { execFile } from 'node:child_process';
import { readFile, readlink, stat } from 'node:fs/promises';
import { kill } from 'node:process';
import { promisify } from 'node:util';
import type { ProcessIdentity } from './process-identity.ts';

/** Whether a process still runs: `gone` is only said with proof. */
export type Liveness = 'alive' | 'gone' | 'unknown';

/** Our own process, as a lock or job file names it. */
export async function identifyProcess(pid: number, host: string, user: string): Promise<ProcessIdentity> {
  const [startTime, bootId, pidNamespace] = await Promise.all([
    readStartTime(pid),
    readBootId(),
    readPidNamespace(),
  ]);
  return { pid, startTime: startTime ?? '', bootId, pidNamespace, host, user };
}

/**
 * Compares a recorded process with what is running now, as seen from the process `self`.
 *
 * Proof of being gone is: same host, and another boot, or no such pid, or a pid that started at another time. A
 * process of another host, or of another pid namespace of this boot, cannot be judged from here. No clock is
 * involved, and no permission: a process of another user counts as alive.
 */
export async function judgeProcess(recorded: ProcessIdentity, self: ProcessIdentity): Promise<Liveness> {
  if (recorded.host !== self.host) return 'unknown';
  if (recorded.bootId !== self.bootId) return 'gone';
  if (recorded.pidNamespace !== self.pidNamespace) return 'unknown';
  const startTime = await readStartTime(recorded.pid);
  return startTime === undefined || startTime !== recorded.startTime ? 'gone' : 'alive';
}

/** undefined when there is no such process. Linux: ticks since boot, proc(5) field 22; elsewhere what ps says. */
export async function readStartTime(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1');
    // The second field is the program's name in parentheses, which may contain anything; count after it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const state = fields[0];
    return state === 'Z' || state === 'X' ? undefined : fields[19]; // a zombie has ended
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ESRCH') throw error;
    return (await hasProc()) ? undefined : startTimeByPs(pid);
  }
}

/** The user who runs a process; undefined where the system does not tell. */
export async function ownerOfProcess(pid: number): Promise<number | undefined> {
  return stat(`/proc/${pid}`).then(
    ({ uid }) => uid,
    () => undefined,
  );
}

/** Asks a process to end. @throws {Error} EPERM: it is another user's. */
export function terminateProcess(pid: number): void {
  try {
    kill(pid, 'SIGTERM');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // it has just ended
  }
}

async function hasProc(): Promise<boolean> {
  return readFile('/proc/self/stat').then(
    () => true,
    () => false,
  );
}

async function startTimeByPs(pid: number): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)]);
    return stdout.trim() === '' ? undefined : stdout.trim();
  } catch {
    return undefined; // ps exits 1 when there is no such process
  }
}

async function readBootId(): Promise<string> {
  try {
    return (await readFile('/proc/sys/kernel/random/boot_id', 'latin1')).trim();
  } catch {
    try {
      return (await promisify(execFile)('sysctl', ['-n', 'kern.bootsessionuuid'])).stdout.trim();
    } catch {
      return ''; // then only the pid and its start time tell
    }
  }
}

async function readPidNamespace(): Promise<string> {
  return readlink('/proc/self/ns/pid').catch(() => '');
}
