import { readFileSync } from 'node:fs';

/**
 * The text of a small file. Synchronous: there may be ten thousand, and asynchronously each takes five times as long.
 *
 * Not with `readFileSync(path, 'utf8')`, in which Node 20 aborts itself when a failing disk fails its close().
 *
 * @throws {Error} of the system.
 */
export function readTextFile(path: string): string {
  return readFileSync(path).toString('utf8');
}
