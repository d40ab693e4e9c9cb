import type { Extracted, ExtractRequest } from '../../../contents/extract-request.ts';
import { furtherCommand } from '../../../run/further-command.ts';
import { jsonDocument } from '../text/json.ts';
import { sizeText } from '../text/quantities.ts';

/** `1.2 MB of SQL extracted; 240 kB of 85 MB read`. */
export function extractText({ sqlBytes, readBytes, backup }: Extracted): string {
  const read =
    readBytes >= backup.sizeBytes ? '' : `; ${sizeText(readBytes)} of ${sizeText(backup.sizeBytes)} read`;
  return `${sizeText(sqlBytes)} of SQL extracted${read}`;
}

/** What has not been proven, and how to; undefined when everything has. */
export function proofText(
  { proof, backup }: Extracted,
  { directory }: Pick<ExtractRequest, 'directory'>,
  program: string,
): string | undefined {
  switch (proof) {
    case 'sha256':
      return undefined;
    case 'checksums-and-lengths':
    case 'lengths': {
      const what = proof === 'lengths' ? 'lengths' : 'checksums and lengths';
      return `The parts that were read have the right ${what}. To check the whole file by its sha256:\n${furtherCommand(directory, 'verify', [backup.path], [], program)}`;
    }
    case 'checksums':
      return 'There is no manifest: the checksums of the compressed data were right, and nothing else is proven.';
    case 'none':
      return 'There is no manifest: nothing proves that the file is as it was written.';
  }
}

/** The `--json` document; with it the SQL is in a file. */
export function extractDocument(
  { backup, path, sqlBytes, readBytes, proof }: Extracted,
  { tables, only }: Pick<ExtractRequest, 'tables' | 'only'>,
): string {
  const { database, name } = backup;
  return jsonDocument('extract', 0, {
    ...{ path, sqlBytes, readBytes, proof, tables, only },
    backup: { database, name, path: backup.path, sizeBytes: backup.sizeBytes },
  });
}
