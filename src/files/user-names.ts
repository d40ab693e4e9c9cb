import { readFileSync } from 'node:fs';

/** The name of a user on this machine, for messages and commands; the number if there is no name. */
export function nameOfUser(id: number): string {
  return entryOf(id)?.[0] ?? String(id);
}

/** The group that a user is always in; undefined for one that this machine has no entry of. */
export function groupOfUser(id: number): number | undefined {
  const group = Number(entryOf(id)?.[3]);
  return Number.isInteger(group) ? group : undefined;
}

function entryOf(id: number): readonly string[] | undefined {
  try {
    const users = readFileSync('/etc/passwd').toString('utf8').split('\n');
    return users.map((line) => line.split(':')).find((fields) => fields[2] === String(id));
  } catch {
    return undefined; // a machine without that file
  }
}
