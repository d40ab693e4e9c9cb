import type { CommandName } from '../../../settings/table/setting.ts';

/** Names and versions of the documents that `--json` prints; fields are only ever added to one. */
export type DocumentName = CommandName | 'error' | 'help' | 'version';

/**
 * The one document on stdout. What is unknown is left out, so no field is ever null.
 *
 * @param body Goes behind `schema` and `ok`.
 */
export function jsonDocument(name: DocumentName, ok: boolean, body: object): string {
  const document = { schema: `dbbackup/${name}/1`, ok, ...body };
  return `${JSON.stringify(document, (_, value: unknown) => value ?? undefined)}\n`;
}
