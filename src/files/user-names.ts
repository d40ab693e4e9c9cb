import { readTextFile } from './text-file.ts';

/** The name of a user on this machine, for messages and commands; the number if there is no name. */
export function nameOfUser(id: number): string {
  try {
    const users = readTextFile('/etc/passwd').split('\n');
    return users.map((line) => line.split(':')).find((fields) => fields[2] === String(id))?.[0] ?? String(id);
  } catch {
    return String(id); // a machine without that file
  }
}
