import type { DocumentName, Documents, Envelope } from '../../documents/documents.ts';

/**
 * The one document on stdout. What is unknown is left out, so no field is ever null.
 *
 * @param exitCode With which the program ends. 0: it is `ok`.
 * @param body Goes behind `schema`, `ok` and `exitCode`.
 */
export function jsonDocument<N extends DocumentName>(name: N, exitCode: number, body: Documents[N]): string {
  const envelope: Envelope<N> = {
    schema: `dbbackup/${name}/1`,
    ok: exitCode === 0,
    ...(exitCode === 0 ? {} : { exitCode }),
  };
  return `${JSON.stringify({ ...envelope, ...body }, (_, value: unknown) => value ?? undefined)}\n`;
}
