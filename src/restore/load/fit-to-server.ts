import type { SharedSession } from '../../server/session/shared-session.ts';
import { readUnknownModes } from '../../server/instance/unknown-modes.ts';
import { readUnknownVariables } from '../../server/instance/unknown-variables.ts';
import { rareModesIn, withoutModes } from '../../sql/script/dump-modes.ts';
import type { DumpReport } from '../../sql/dump-report.ts';
import { isSplittable } from '../../sql/script/load-plan.ts';
import { optionalVariables, withoutVariables } from '../../sql/script/session-preset.ts';
import type { VerifiedDump } from '../../backups/read/verify-file.ts';

/**
 * A dump as this server takes it: without the `sql_mode`s that it lacks, as MySQL 8.0 has dropped those that every
 * trigger and routine of MariaDB and of MySQL 5.7 was made in, and without variables that the dump sets on other
 * servers only.
 */
export async function fitToServer(verified: VerifiedDump, session: SharedSession): Promise<VerifiedDump> {
  const findings = await fitVariables(await fitModes(verified.findings, session), session);
  return { ...verified, findings };
}

async function fitModes(findings: DumpReport, session: SharedSession): Promise<DumpReport> {
  const names = [...new Set(findings.modes.flatMap(({ text }) => rareModesIn(text)))];
  if (names.length === 0) return findings;
  return withoutModes(findings, new Set(await readUnknownModes(await session.open(), names)));
}

async function fitVariables(findings: DumpReport, session: SharedSession): Promise<DumpReport> {
  const { script } = findings;
  const names = isSplittable(script) ? optionalVariables(script.preset) : [];
  if (!isSplittable(script) || names.length === 0) return findings;
  const unknown = new Set(await readUnknownVariables(await session.open(), names));
  return { ...findings, script: { ...script, preset: withoutVariables(script.preset, unknown) } };
}
