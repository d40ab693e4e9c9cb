import { DbBackupError } from '../../run/errors.ts';
import type { Failure } from '../documents/parts.ts';
import { hideUrlPasswords } from './shown-command.ts';
import { jsonDocument } from './text/json.ts';
import type { Paint } from './text/paint.ts';
import { wrapped } from './text/wrap.ts';
import { safeLines } from './text/safe-text.ts';

const BUG = 'This is a bug in dbbackup; please report it.';

/**
 * `error: …` and `hint:  …`, each line ended; a bug with its stack.
 *
 * @param width Of the terminal.
 */
export function renderFailure(error: unknown, paint: Paint, width = Infinity): string {
  if (!(error instanceof DbBackupError))
    return labelled(paint.bad('error:'), safeLines(`${BUG}\n${stackOf(error)}`));
  const hint =
    error.hint === undefined
      ? ''
      : labelled(paint.faint('hint:'), ` ${wrapped(safeLines(error.hint), width - LABEL_WIDTH)}`);
  return labelled(paint.bad('error:'), wrapped(safeLines(error.message), width - LABEL_WIDTH)) + hint;
}

/** The document of a failed command. */
export function failureDocument(error: unknown): string {
  return jsonDocument('error', exitCodeOf(error), { error: failureFields(error) });
}

/** A failure inside a document. */
export function failureFields(error: unknown): Failure {
  if (error instanceof DbBackupError) return { code: error.code, message: error.message, hint: error.hint };
  return { code: 'failed', message: `${BUG} ${hideUrlPasswords(String(error))}`, hint: undefined };
}

export function exitCodeOf(error: unknown): number {
  return error instanceof DbBackupError ? error.exitCode : 1;
}

/** Further lines stand below the first, so that a quoted tool's lines read as one block. */
const LABEL_WIDTH = 'error: '.length;

function labelled(label: string, text: string): string {
  return `${label} ${text.trimEnd().replaceAll('\n', '\n       ')}\n`;
}

function stackOf(error: unknown): string {
  return hideUrlPasswords(error instanceof Error ? (error.stack ?? error.message) : String(error));
}
