import { DbBackupError } from '../../run/errors.ts';

export function damaged(path: string, problem: string, cause?: unknown): DbBackupError {
  return new DbBackupError('damaged', `${path} ${problem}.`, {
    hint: 'Nothing was touched. Use another backup; list shows them.',
    cause,
  });
}
