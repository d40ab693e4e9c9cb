import { LOAD_ACCOUNT_MODES, type LoadAccountMode } from '../../server/change/load-account-mode.ts';
import { badValue, type Given } from './given-text.ts';

/** @throws {DbBackupError} `usage`. */
export function parseLoadAccount(given: Given | undefined): LoadAccountMode {
  if (given === undefined) return 'auto';
  const mode = LOAD_ACCOUNT_MODES.find((each) => each === given.text);
  if (mode === undefined) throw badValue(given, 'auto, require or off');
  return mode;
}
