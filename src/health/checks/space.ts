import prettyBytes from 'pretty-bytes';
import type { Check, Verdict } from '../check.ts';
import { completeBackups, type History, type Space } from '../history/history.ts';

const NAME = 'space';

/** Whether the next backups fit, if they are as large as the last ones. */
export const space: Check = {
  name: NAME,
  judge: ({ history }) => history.spaces.map((each) => judgeOne(each, history)),
};

function judgeOne({ path, freeBytes, noFiles, databases }: Space, history: History): Verdict {
  const last = history.databases
    .filter(({ database }) => databases.includes(database))
    .flatMap((each) => completeBackups(each)[0] ?? []);
  const neededBytes = last.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const fix = ['Remove old backups, or choose another directory with --dir.'];
  if (noFiles)
    return { level: 'critical', check: NAME, message: `The file system of ${path} has no free inodes.`, fix };
  if (freeBytes === undefined)
    return { level: 'unknown', check: NAME, message: `How much is free for ${path} could not be read.` };
  const next =
    last.length === 1 ? 'the next backup needs' : `the next backups of ${last.length} databases need`;
  const message = `${prettyBytes(freeBytes)} free for ${path}`;
  if (last.length === 0) return { level: 'ok', check: NAME, message: `${message}.` };
  const whole = `${message}; ${next} about ${prettyBytes(neededBytes)}.`;
  if (freeBytes < neededBytes) return { level: 'critical', check: NAME, message: whole, fix };
  return { level: 'ok', check: NAME, message: whole };
}
