import { readUnknownCollations } from '../adapters/unknown-collations.ts';
import type { Server } from '../adapters/server.ts';
import type { Backup } from '../model/backup.ts';
import { adviceOn } from '../model/collations.ts';
import type { CompressionMethod } from '../model/manifest.ts';
import type { DumpFindings } from '../model/dump-guard.ts';
import { DbBackupError } from '../model/errors.ts';
import { shellWord } from '../model/shell-word.ts';

/** Rows are left alone: a line of them begins with INSERT, REPLACE or, from MariaDB's tool, with a parenthesis. */
const BUT_ROWS = String.raw`/^(INSERT|REPLACE|\()/!`;

/**
 * Refuses a dump with a collation that the server does not have, the commonest failure between MySQL and MariaDB, before
 * anything is touched.
 *
 * @param restoreCommand Restores what its stdin gives, as `dbbackup restore - --to shop`.
 * @throws {DbBackupError} `restore-failed`, with the command that replaces the collation on the way.
 */
export async function refuseUnknownCollations(
  { backup, findings }: { readonly backup: Backup; readonly findings: DumpFindings },
  server: Server,
  restoreCommand: string,
): Promise<void> {
  const database = backup.manifest?.collation ?? findings.collation;
  const named = [...findings.collations, ...(database === undefined ? [] : [database.toLowerCase()])];
  const unknown = await readUnknownCollations(server, [...new Set(named)]);
  const [first] = unknown;
  if (first === undefined) return;
  const advice = unknown.map(adviceOn);
  const origin = advice[0]?.origin;
  const which = unknown.length === 1 ? `the collation ${first}` : `these collations: ${unknown.join(', ')}`;
  throw new DbBackupError(
    'restore-failed',
    `The server (${server.version}) does not have ${which}${origin === undefined ? '' : ` of ${origin}`}. Nothing was changed.`,
    {
      hint: advice.every((each) => each !== undefined)
        ? `Restore to a server that has it; or replace it on the way, outside of the rows (text may then sort and compare slightly differently): ${replacing(
            unknown.map((name, index) => ({ name, by: advice[index]?.replacement ?? name })),
            backup,
          )} | ${restoreCommand}`
        : 'Restore to a server of the version that the backup came from, or newer.',
    },
  );
}

function replacing(
  names: readonly { readonly name: string; readonly by: string }[],
  { path, compression }: Backup,
): string {
  // The longer first: one may be the beginning of another.
  const edits = [...names]
    .sort((a, b) => b.name.length - a.name.length)
    .flatMap(({ name, by }) => ['-e', shellWord(`${BUT_ROWS}s/${name}/${by}/g`)]);
  const sed = ['sed', '-E', ...edits].join(' ');
  const file = path === 'stdin' ? '<the dump>' : shellWord(path);
  const unpack = UNPACK[compression];
  return unpack === undefined ? `${sed} ${file}` : `${unpack} ${file} | ${sed}`;
}

const UNPACK: Readonly<Record<CompressionMethod, string | undefined>> = {
  none: undefined,
  gzip: 'gunzip -c',
  zstd: 'zstd -dc',
};
