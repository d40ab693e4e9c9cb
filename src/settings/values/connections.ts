import { badValue, type Given } from './given-text.ts';

/** More connections than this only wait for each other. */
const MOST_BY_DEFAULT = 8;
const MOST = 64;

/**
 * How many connections load: by default one for each core.
 *
 * @throws {DbBackupError} `usage`.
 */
export function parseJobs(given: Given | undefined, cores: number): number {
  // With one core there is still one statement to be sent while another one runs.
  if (given === undefined) return Math.max(2, Math.min(MOST_BY_DEFAULT, cores));
  const jobs = /^\d+$/.test(given.text) ? Number(given.text) : 0;
  if (jobs < 1 || jobs > MOST) throw badValue(given, `a number from 1 to ${MOST}`);
  return jobs;
}
