import { shellWord } from '../../run/shell-command.ts';

/**
 * The command line as the user typed it, ready to be pasted into a shell: for the lock, the job file and hints.
 * Passwords in URLs are replaced; other secrets never are arguments (see `refusePasswordArguments()`).
 *
 * @param further Options to add, put where they are options: before a `--`.
 */
export function shownCommand(
  argv: readonly string[],
  further: readonly string[] = [],
  program = 'dbbackup',
): string {
  const separator = argv.includes('--') ? argv.indexOf('--') : argv.length;
  const words = [...argv.slice(0, separator), ...further, ...argv.slice(separator)];
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
