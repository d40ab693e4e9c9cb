import type { Quoting } from './sql-lexer.ts';

export interface SqlMode extends Quoting {
  readonly oracle: boolean;
}

/** In which a session reads a dump before the dump sets any: whatever the server's own is, without what changes quotes. */
export const DEFAULT_MODE: SqlMode = { backslashEscapes: true, ansiQuotes: false, oracle: false };

export const QUOTING_MODES = [
  'NO_BACKSLASH_ESCAPES',
  'ANSI_QUOTES',
  // Stand for several, with ANSI_QUOTES among them.
  'ANSI',
  'ORACLE',
  'DB2',
  'MSSQL',
  'MAXDB',
  'POSTGRESQL',
] as const;

/** Names of modes with commas between, as all servers take them: no spaces, no escapes. */
const MODES = /^[A-Z0-9_,]*$/i;

/** How text is read in a mode that is given by its names; undefined when it is no list of names. */
export function modeNamed(text: string): SqlMode | undefined {
  if (!MODES.test(text)) return undefined;
  const names = new Set(text.toUpperCase().split(','));
  return {
    backslashEscapes: !names.has('NO_BACKSLASH_ESCAPES'),
    ansiQuotes: QUOTING_MODES.some((name) => name !== 'NO_BACKSLASH_ESCAPES' && names.has(name)),
    oracle: names.has('ORACLE'),
  };
}

export function isSameMode(one: SqlMode, other: SqlMode): boolean {
  return (
    one.backslashEscapes === other.backslashEscapes &&
    one.ansiQuotes === other.ansiQuotes &&
    one.oracle === other.oracle
  );
}

/** The mode that joins the names of these. */
export function joinedMode(modes: readonly SqlMode[]): SqlMode {
  return {
    backslashEscapes: modes.every(({ backslashEscapes }) => backslashEscapes),
    ansiQuotes: modes.some(({ ansiQuotes }) => ansiQuotes),
    oracle: modes.some(({ oracle }) => oracle),
  };
}

/** Whether REPLACE in a list of modes leaves quotes as they are: names go, and none of those that change them. */
export function keepsQuoting(from: string, to: string): boolean {
  const name = from.toUpperCase().replaceAll(',', '');
  return (
    /^,?[A-Z_]+,?$/i.test(from) && /^,?$/.test(to) && !QUOTING_MODES.some((quoting) => quoting.includes(name))
  );
}
