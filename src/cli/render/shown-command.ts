import { shellWord } from '../../run/shell-command.ts';
import { hideSecretFlags } from '../arguments/secret-flags.ts';

/**
 * The command line as the user typed it, ready to be pasted into a shell: for the lock, the job file and hints.
 * Passwords in URLs and values that may hold a token are replaced; other secrets never are arguments (see `refusePasswordArguments()`).
 *
 * @param further Options to add, put where they are options: before a `--`.
 */
export function shownCommand(
  argv: readonly string[],
  further: readonly string[] = [],
  program = 'dbbackup',
): string {
  const shown = hideSecretFlags(argv);
  const separator = shown.includes('--') ? shown.indexOf('--') : shown.length;
  const words = [...shown.slice(0, separator), ...further, ...shown.slice(separator)];
  return [program, ...words.map((word) => shellWord(hideUrlPasswords(word)))].join(' ');
}

/**
 * `mysql://root:secret@db/shop` → `mysql://root:[hidden]@db/shop`, wherever it stands in the text; `?password=`
 * too.
 */
export function hideUrlPasswords(text: string): string {
  // Up to the last @ of the word: of a password with an unescaped @ nothing may be shown.
  return text
    .replace(/([a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):[^\s]*@/gi, '$1:[hidden]@')
    .replace(/(:\/\/[^\s]*[?&]password=)[^&\s]*/gi, '$1[hidden]');
}
