import type { SharedSession } from '../../server/session/shared-session.ts';
import { readUnknownModes } from '../../server/instance/unknown-modes.ts';
import { rareModesIn, withoutModes } from '../../sql/script/dump-modes.ts';
import type { VerifiedDump } from '../../backups/read/verify-file.ts';

/**
 * A dump as a server takes it that lacks some of the `sql_mode`s it sets: MySQL 8.0 has dropped those that every trigger
 * and routine of MariaDB and of MySQL 5.7 was made in.
 */
export async function leaveOutUnknownModes(
  verified: VerifiedDump,
  session: SharedSession,
): Promise<VerifiedDump> {
  const { findings } = verified;
  const names = [...new Set(findings.modes.flatMap(({ text }) => rareModesIn(text)))];
  if (names.length === 0) return verified;
  const unknown = new Set(await readUnknownModes(await session.open(), names));
  return { ...verified, findings: withoutModes(findings, unknown) };
}
