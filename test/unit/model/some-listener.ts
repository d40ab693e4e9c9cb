import type { SqlListener } from '../../../src/model/sql-reader.ts';

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
    malformed: ignore,
    ...some,
  };
}
