import { damaged } from './damaged.ts';
import { DumpOutline } from '../../sql/outline/dump-outline.ts';
import type { Section } from '../../sql/outline/dump-outline.ts';
import type { Manifest } from '../record/manifest.ts';
import type { Runtime } from '../../run/runtime.ts';
import { verifyFile } from './verify-file.ts';
import type { VerifiedDump, VerifyRequest } from './verify-file.ts';

/**
 * As `verifyFile`, and compares each table's part of the dump with what the manifest says of it. Even in a copy whose
 * hash and size were changed to match its manifest, this finds the table that lacks a row.
 *
 * @throws {DbBackupError} as `verifyFile`.
 */
export async function verifySections(request: VerifyRequest, runtime: Runtime): Promise<VerifiedDump> {
  const outline = new DumpOutline();
  const onSql = (chunk: Buffer): void => void outline.push(chunk);
  const verified = await verifyFile({ ...request, onSql }, runtime);
  outline.finish();
  const { manifest, path } = request.backup;
  const problem = manifest && misfit(outline.sections, manifest);
  if (problem !== undefined) throw damaged(path, problem);
  return verified;
}

function misfit(sections: readonly Section[], { tables }: Manifest): string | undefined {
  const held = new Map(sections.map(({ table, uncompressedBytes }) => [table, uncompressedBytes]));
  for (const { name, uncompressedBytes } of tables) {
    const bytes = held.get(name);
    if (bytes === undefined) return `has no section for the table ${name}, which its manifest lists`;
    if (bytes !== uncompressedBytes)
      return `was changed: the section of the table ${name} has ${bytes} bytes, but its manifest says ${uncompressedBytes}`;
    held.delete(name);
  }
  const [extra] = held.keys();
  return extra === undefined ? undefined : `has a table that its manifest does not list: ${extra}`;
}
