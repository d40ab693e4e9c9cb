import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** A process as /proc shows it. */
export interface ProcessSeen {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** One letter: R, S, D, T, Z (ended, not yet waited for) … */
  readonly state: string;
  /** The command line, words joined by spaces. */
  readonly command: string;
  /** undefined when it may not be read, or the process is ending. */
  readonly cwd: string | undefined;
}

type Place = Omit<ProcessSeen, 'command'>;

/** All processes that this account can see, zombies included; or those alone that are wanted. */
export function processes(isWanted: (place: Place) => boolean = () => true): ProcessSeen[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => lookAt(Number(name)) ?? [])
    .filter(isWanted)
    .map((place) => ({ ...place, command: commandOf(place.pid) }));
}

/** The process and all that it started, and they started, as long as each parent lives. */
export function descendantsOf(pid: number): ProcessSeen[] {
  const all = processes();
  const family = new Set([pid]);
  // Parents usually come first, but pids wrap around: repeat until nothing is added.
  for (let before = 0; before !== family.size;) {
    before = family.size;
    for (const each of all) if (family.has(each.parent)) family.add(each.pid);
  }
  return all.filter((each) => each.pid !== pid && family.has(each.pid));
}

/** Whether the process exists and has not ended. */
export function isAlive(pid: number): boolean {
  const seen = lookAt(pid);
  return seen !== undefined && seen.state !== 'Z';
}

/** Sends a signal to a process, or with a negative number to a group; one that is gone is no error. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Largest resident memory so far, in bytes; 0 when the process is gone. */
export function peakMemoryBytes(pid: number): number {
  const line = /^VmHWM:\s+(\d+) kB$/m.exec(readProc(`/proc/${pid}/status`) ?? '');
  return Number(line?.[1] ?? 0) * 1024;
}

function lookAt(pid: number): Place | undefined {
  const stat = readProc(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // The name in parentheses may hold spaces and parentheses; what follows the last one is regular.
  const [state = '', parent, group, session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return {
    pid,
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    state,
    cwd: readCwd(pid),
  };
}

function commandOf(pid: number): string {
  return (readProc(`/proc/${pid}/cmdline`) ?? '').replaceAll('\0', ' ').trim();
}

function readProc(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined; // it ended while we looked
  }
}

function readCwd(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined; // a zombie, or another account's
  }
}
