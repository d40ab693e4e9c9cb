import { connectServer } from '../../server/connect/server.ts';
import { readUnknownModes } from '../../server/instance/unknown-modes.ts';
import type { Connection } from '../../server/connect/connection.ts';
import { rareModesIn, withoutModes } from '../../sql/script/dump-modes.ts';
import type { Runtime } from '../../run/runtime.ts';
import type { VerifiedDump } from '../../backups/read/verify-file.ts';

/**
 * A dump as a server takes it that lacks some of the `sql_mode`s it sets: MySQL 8.0 has dropped those that every trigger
 * and routine of MariaDB and of MySQL 5.7 was made in.
 */
export async function leaveOutUnknownModes(
  verified: VerifiedDump,
  connection: Connection,
  { signal }: Pick<Runtime, 'signal'>,
): Promise<VerifiedDump> {
  const { findings } = verified;
  const names = [...new Set(findings.modes.flatMap(({ text }) => rareModesIn(text)))];
  if (names.length === 0) return verified;
  await using server = await connectServer(connection, signal); // of its own: it changes the mode
  return { ...verified, findings: withoutModes(findings, new Set(await readUnknownModes(server, names))) };
}
