import { DbBackupError } from '../../run/errors.ts';
import { DEFAULT_LABEL, isLabel, SAFETY_LABEL } from '../../backups/record/backup-name.ts';
import { badValue, type Given } from './given-text.ts';

const TAKES = 'up to 64 letters, digits, dots and hyphens, beginning with a letter or digit';

/** @throws {DbBackupError} `usage` for a label that is no label, or that belongs to restore. */
export function parseLabel(given: Given | undefined): string {
  if (given === undefined) return DEFAULT_LABEL;
  if (given.text === SAFETY_LABEL) {
    throw new DbBackupError(
      'usage',
      `${given.source} is "${SAFETY_LABEL}", which is reserved for the safety backups of restore.`,
      { hint: 'choose another label' },
    );
  }
  if (isLabel(given.text)) return given.text;
  throw badValue(given, TAKES);
}

/**
 * The label of backups to look for: any.
 *
 * @throws {DbBackupError} `usage` for a label that no backup can have.
 */
export function parseLabelOfBackups(given: Given | undefined): string | undefined {
  if (given === undefined || isLabel(given.text)) return given?.text;
  throw badValue(given, TAKES);
}
