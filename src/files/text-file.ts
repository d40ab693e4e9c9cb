import { readFileSync } from 'node:fs';

/**
 * The text of a small file. Synchronous: there may be ten thousand of them, and each takes five times as long
 * asynchronously.
 *
 * Not with `readFileSync(path, 'utf8')`, in which Node 20 aborts the process when close() fails on a bad disk.
 *
 * @throws {Error} of the system.
 */
export function readTextFile(path: string): string {
  return readFileSync(path).toString('utf8');
}
