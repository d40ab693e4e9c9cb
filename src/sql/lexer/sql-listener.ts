import type { StatementListener } from './statement-builder.ts';

/** What the reader tells of a dump, in the order of the text. */
export interface SqlListener extends StatementListener {
  /** A comment on its own line, between statements; at most its first 200 bytes. */
  commentLine(text: string): void;
  /**
   * What means nothing to a server, but that a client may stumble over.
   *
   * @param replacement What a client is given instead; nothing by default.
   * @param inCode In the text of a routine, trigger, event or view, which a server keeps as it is.
   */
  harmless(start: number, end: number, reason: string, inCode: boolean, replacement?: string): void;
  /** What all servers read in one way, and some client in another: only a load in parts is right. */
  confusesClient(what: string): void;
  /** Whether the code read so far may be the whole text of a routine, trigger or event. */
  codeMayEnd(): boolean;
  /** What a client would run itself, or what clients and servers read in different ways. */
  suspicious(line: number, text: string, reason: string): void;
  /** A line between statements that a program wrote to its stderr; it is passed over. */
  message(line: number, program: string): void;
  /** The text does not read as SQL; `lacksDelimiter`: for want of a `;` at its end. */
  malformed(line: number, reason: string, lacksDelimiter?: boolean): void;
}

/** Listens to nothing but what is given. */
export function listeningTo(some: Partial<SqlListener>): SqlListener {
  const ignore = (): void => undefined;
  return {
    statement: ignore,
    code: ignore,
    row: ignore,
    commentLine: ignore,
    harmless: ignore,
    confusesClient: ignore,
    codeMayEnd: () => false,
    suspicious: ignore,
    message: ignore,
    malformed: ignore,
    ...some,
  };
}
