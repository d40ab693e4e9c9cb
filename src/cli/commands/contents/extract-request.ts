import { basename } from 'node:path';
import type { ExtractRequest } from '../../../contents/extract-request.ts';
import { compressionByEnding, unpackCommandOf } from '../../../compression/methods.ts';
import { DbBackupError } from '../../../run/errors.ts';
import { refuseNonName } from '../../../settings/values/database-names.ts';
import { parseDestination, parseDirectory } from '../../../settings/values/destination.ts';
import { isOn, type Lookup } from '../../../settings/values/given-text.ts';
import { splitValues } from '../../../settings/values/repeated.ts';

/**
 * What the user asked `extract` for, checked. Pure.
 *
 * @throws {DbBackupError} `usage`.
 */
export function extractRequest(reference: string, given: Lookup, cwd: string): ExtractRequest {
  refuseNonName(reference, 'The backup to extract');
  const [schema, data] = [isOn(given('schema-only')), isOn(given('data-only'))];
  if (schema && data)
    throw new DbBackupError('usage', '--schema-only and --data-only were both given.', {
      hint: 'use only one of them, or none for both',
    });
  const table = given('table');
  const tables = table === undefined ? undefined : splitValues(table.text);
  for (const name of tables ?? []) if (name === '') refuseNonName(name, '--table');
  const destination = parseDestination(given('output'), cwd);
  if (destination.kind === 'file') refuseCompressed(destination.path);
  else if (isOn(given('json')))
    throw new DbBackupError('usage', 'With --json the SQL cannot go to stdout, too.', {
      hint: 'add --output <file>, or leave out --json',
    });
  return {
    reference,
    directory: parseDirectory(given('dir'), cwd),
    tables,
    only: schema ? 'schema' : data ? 'data' : undefined,
    destination: destination.kind === 'file' ? destination : { kind: 'stdout' },
  };
}

function refuseCompressed(path: string): void {
  const method = compressionByEnding(basename(path));
  if (method === undefined || unpackCommandOf(method) === undefined) return;
  throw new DbBackupError('usage', `extract writes plain SQL, but the name of ${path} says ${method}.`, {
    hint: 'choose a name that ends in .sql; or leave out --output, and pipe stdout into a compressor',
  });
}
