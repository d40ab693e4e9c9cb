import { closeSync, fstatSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';

/** Where a text was seen that must be nowhere. */
export interface Watched {
  /** Every place, once: `argv of 123 (mariadb-dump …)`, `environment of …`, a file's path. */
  readonly sightings: readonly string[];
  /** Command lines of everything that the watched process started. */
  readonly commands: readonly string[];
  readonly rounds: number;
}

/**
 * Looks for a text, as often as the machine allows or with a pause, in the arguments and the environment of everything that a process
 * has started, in its own arguments, and in all files of some folders, until `over` is settled.
 */
export async function watch(
  text: string,
  {
    pid,
    folders,
    over,
    pauseMs,
  }: {
    pid: number;
    folders: readonly string[];
    over: Promise<unknown>;
    pauseMs?: number | undefined;
  },
): Promise<Watched> {
  const sightings = new Set<string>();
  const commands = new Set<string>();
  let rounds = 0;
  const running = { yet: true };
  void over.finally(() => (running.yet = false));
  while (running.yet) {
    rounds += 1;
    const own = commandOf(pid);
    for (const each of [pid, ...offspring(pid)]) {
      const command = commandOf(each);
      if (each === pid) {
        if (command.includes(text)) sightings.add(`argv of ${each}`);
        continue; // its environment is what the user gave it
      }
      // What has just been forked is a copy of its parent, until it becomes a program of its own.
      if (command === own || command === '') continue;
      commands.add(command);
      if (command.includes(text)) sightings.add(`argv of ${each} (${command})`);
      if (read(`/proc/${each}/environ`).includes(text)) sightings.add(`environment of ${each} (${command})`);
    }
    if (rounds % 4 === 0) for (const path of filesWith(text, folders)) sightings.add(path);
    await (pauseMs === undefined ? nextTurn() : sleep(pauseMs));
  }
  for (const path of filesWith(text, folders)) sightings.add(path);
  return { sightings: [...sightings], commands: [...commands], rounds };
}

/** Files in whose content or name the text stands. */
export function filesWith(text: string, folders: readonly string[]): string[] {
  return folders.flatMap(filesIn).filter((path) => path.includes(text) || lies(text, path));
}

/**
 * Whether the text is in a file that has a name. Who has opened a file while it was empty and had its name can read
 * what is written to it after it lost its name, which nobody else can. So its names are counted, and after the text was
 * read: as no name comes back, what still has one then had one while the text was in it. Of a file that loses its name
 * between the two, some microseconds, nothing can be told; the next look, or the next file, shows what there is to see.
 */
function lies(text: string, path: string): boolean {
  let fd: number | undefined;
  try {
    fd = openSync(path, 'r');
    return readFileSync(fd, 'latin1').includes(text) && fstatSync(fd).nlink > 0;
  } catch {
    return false; // it was removed while we looked
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function filesIn(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  } catch {
    return []; // not made yet, or removed meanwhile
  }
}

/** Quicker than to look through all processes: a thread tells its children. */
function offspring(pid: number): number[] {
  const children = read(`/proc/${pid}/task/${pid}/children`).trim();
  return children === ''
    ? []
    : children
        .split(' ')
        .map(Number)
        .flatMap((child) => [child, ...offspring(child)]);
}

function commandOf(pid: number): string {
  return read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return ''; // it ended, or was removed, while we looked
  }
}
