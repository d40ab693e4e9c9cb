import { resolve } from 'node:path';
import type { Destination } from '../../backups/record/destination.ts';
import { badValue, type Given } from './given-text.ts';

const DEFAULT_DIRECTORY = './backups';

/** The backup directory, absolute. */
export function parseDirectory(given: Given | undefined, cwd: string): string {
  if (given?.text === '') throw badValue(given, 'the path of a directory');
  return resolve(cwd, given?.text ?? DEFAULT_DIRECTORY);
}

/** Where the dump is written, by `--output`. */
export function parseDestination(given: Given | undefined, cwd: string): Destination {
  if (given === undefined) return { kind: 'directory' };
  if (given.text === '') throw badValue(given, 'the path of a file, or - for stdout');
  return given.text === '-' ? { kind: 'stdout' } : { kind: 'file', path: resolve(cwd, given.text) };
}
