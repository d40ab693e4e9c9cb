import { DbBackupError } from '../../run/errors.ts';

/** One line of a MySQL option file that says something. `include` lines are for the reader of files to follow. */
export type OptionFileLine =
  | {
      readonly kind: 'option';
      readonly line: number;
      readonly group: string;
      /** With dashes, as on a command line, and without `loose-`. */
      readonly name: string;
      /** undefined: the option stands alone. */
      readonly value: string | undefined;
      /** Written with `loose-`: a program that does not know the option ignores it. */
      readonly loose: boolean;
    }
  | { readonly kind: 'include' | 'includedir'; readonly line: number; readonly path: string };

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  b: '\b',
  s: ' ',
  '"': '"',
  "'": "'",
  '\\': '\\',
};

/**
 * Reads the text of an option file as the clients do (mysys `default.c`; checked line by line against
 * my_print_defaults of MariaDB 10.11 and 11.8 and of MySQL 9.7, which agree on all of it).
 *
 * @param file Named in messages.
 * @throws {DbBackupError} `usage`, where the clients refuse to start: an option before the first group, or a
 *   group without `]`. The line's text is not repeated: it may hold a password.
 */
export function parseOptionFile(text: string, file: string): readonly OptionFileLine[] {
  const result: OptionFileLine[] = [];
  let group: string | undefined;
  for (const [index, raw] of text.split('\n').entries()) {
    const line = index + 1;
    const content = trim(raw);
    if (content === '' || content.startsWith('#') || content.startsWith(';')) continue;

    if (content.startsWith('!')) {
      const directive = readDirective(content);
      if (directive !== undefined) result.push({ ...directive, line });
      continue;
    }
    if (content.startsWith('[')) {
      const end = content.indexOf(']');
      if (end === -1) throw broken(file, line, 'a group without its ]');
      group = trimEnd(content.slice(1, end)); // what follows the ] is ignored, and so is a space before it
      continue;
    }
    if (group === undefined) throw broken(file, line, 'an option before the first [group]');
    result.push({ kind: 'option', line, group, ...readOption(content) });
  }
  return result;
}

/** `ssl_ca` and `loose-ssl-ca` are the same option as `ssl-ca`. */
export function normalizeOptionName(name: string): { readonly name: string; readonly loose: boolean } {
  const dashed = name.replaceAll('_', '-');
  const loose = dashed.startsWith('loose-');
  return { name: loose ? dashed.slice('loose-'.length) : dashed, loose };
}

/** Unknown directives are skipped, as the clients do. The rest of the line is the path, quotes and `#` included. */
function readDirective(content: string): { kind: 'include' | 'includedir'; path: string } | undefined {
  const match = /^!(includedir|include)\s+(.*)$/.exec(content);
  return match === null ? undefined : { kind: match[1] as 'include' | 'includedir', path: match[2] ?? '' };
}

function readOption(content: string): { name: string; value: string | undefined; loose: boolean } {
  const text = trimEnd(withoutEndComment(content));
  const equals = text.indexOf('=');
  if (equals === -1) return { ...normalizeOptionName(text), value: undefined };
  return {
    ...normalizeOptionName(trimEnd(text.slice(0, equals))),
    value: unescape(unquote(trim(text.slice(equals + 1)))),
  };
}

/** Cuts at the first `#` outside quotes. A backslash protects a quote only inside quotes, and never a `#`. */
function withoutEndComment(text: string): string {
  let quote = '';
  let escaped = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charAt(index);
    if ((character === '"' || character === "'") && !escaped) {
      if (quote === '') quote = character;
      else if (quote === character) quote = '';
    }
    if (quote === '' && character === '#') return text.slice(0, index);
    escaped = quote !== '' && character === '\\' && !escaped;
  }
  return text;
}

/** Only a pair that encloses the whole value is removed. */
function unquote(value: string): string {
  const first = value.charAt(0);
  const quoted = value.length > 1 && (first === '"' || first === "'") && value.endsWith(first);
  return quoted ? value.slice(1, -1) : value;
}

/** An unknown escape keeps its backslash, and so does one at the end. Applies outside quotes, too. */
function unescape(value: string): string {
  return value.replace(/\\([\s\S])/g, (whole, character: string) => ESCAPES[character] ?? whole);
}

/** Of ASCII spaces only: `String.trim` would also take Unicode ones off a password, and a byte order mark. */
function trim(text: string): string {
  return trimEnd(text.replace(/^[ \t\r\f\v]+/, ''));
}

function trimEnd(text: string): string {
  return text.replace(/[ \t\r\f\v]+$/, '');
}

function broken(file: string, line: number, what: string): DbBackupError {
  return new DbBackupError('usage', `The option file ${file} has ${what} at line ${line}.`, {
    hint: 'the MySQL clients refuse it too; correct the line, or name another file with --defaults-file',
  });
}
