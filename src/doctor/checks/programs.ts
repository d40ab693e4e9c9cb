import { findClientProgram, PACKAGES } from '../../programs/client-programs.ts';
import type { ClientProgram } from '../../programs/client-programs.ts';
import type { ExaminedDatabase } from '../finding/examined-database.ts';
import type { Server } from '../../server/connect/server.ts';
import { backupReference } from '../../backups/record/backup.ts';
import type { Backup } from '../../backups/record/backup.ts';
import {
  codecOf,
  COMPRESSIONS,
  type Compression,
  type CompressionMethod,
} from '../../compression/methods.ts';
import { DbBackupError, isCancellation } from '../../run/errors.ts';
import type { Finding } from '../finding/finding.ts';
import { FLAVOUR_NAMES } from '../../server/connect/flavour.ts';
import { judgeProgram } from '../../programs/program-fitness.ts';
import { orProblem, problemOf } from '../finding/finding-of-failure.ts';
import { toolWarnings } from '../../dump/dump-warnings.ts';
import type { Runtime } from '../../run/runtime.ts';

/** undefined: it is not installed, or does not work. */
export interface FoundPrograms {
  readonly dump: ClientProgram | undefined;
  readonly load: ClientProgram | undefined;
}

/** The programs that dbbackup calls: whether they are installed, and whether they match the server. */
export async function examinePrograms(
  request: {
    /** undefined: it does not answer. Then either flavour will do. */
    readonly server: Server | undefined;
    readonly backups: readonly Backup[];
    readonly compression: Compression;
  },
  runtime: Runtime,
): Promise<{ readonly programs: FoundPrograms; readonly findings: readonly Finding[] }> {
  const { server, backups } = request;
  const flavour = server?.flavour ?? backups.find(({ manifest }) => manifest)?.manifest?.server.flavour;
  const programs: { dump?: ClientProgram; load?: ClientProgram } = {};
  const findings: Finding[] = [];
  for (const role of ['dump', 'load'] as const) {
    const found = await orProblem({ check: 'programs' }, async () => {
      const program = await findClientProgram(role, flavour ?? 'mariadb', runtime.env, runtime.signal);
      programs[role] = program;
      return [judge(program, server)];
    });
    findings.push(...found);
  }
  for (const method of COMPRESSIONS) findings.push(...(await examineCompression(method, request, runtime)));
  return { programs: { dump: programs.dump, load: programs.load }, findings };
}

function judge(program: ClientProgram, server: Server | undefined): Finding {
  const check = 'programs';
  const what = `${program.program} ${program.version} of ${FLAVOUR_NAMES[program.flavour]} (${program.file})`;
  if (server === undefined) return { level: 'ok', check, message: `${what}.` };
  const its = `${FLAVOUR_NAMES[server.flavour]} ${server.version}`;
  switch (judgeProgram(program, server)) {
    case 'fits':
      return { level: 'ok', check, message: `${what} fits the server.` };
    case 'older':
      return {
        level: 'warning',
        check,
        message: `${what} is older than the server, which is ${its}.`,
        why: 'Newer server features may be missing in its dumps, or make it fail.',
        fix: [PACKAGES[server.flavour]],
      };
    case 'other-flavour':
      return {
        level: 'warning',
        check,
        message: `${what} does not match the flavour of the server, which is ${its}.`,
        why: 'MySQL and MariaDB differ in how they write and read dumps.',
        fix: [PACKAGES[server.flavour]],
      };
  }
}

/** The program of a method is needed only for backups compressed with it. */
async function examineCompression(
  method: CompressionMethod,
  { backups, compression }: { readonly backups: readonly Backup[]; readonly compression: Compression },
  runtime: Runtime,
): Promise<readonly Finding[]> {
  const check = 'programs';
  const { program } = await codecOf(method);
  if (program === undefined) return [];
  try {
    const version = await program.readVersion(runtime);
    return [{ level: 'ok', check, message: `${program.name} ${version ?? 'of an unknown version'}.` }];
  } catch (error) {
    if (!(error instanceof DbBackupError) || isCancellation(error)) throw error;
    const packed = backups.find((backup) => backup.compression === method);
    if (compression.method === method)
      return [{ ...problemOf({ check }, error), why: 'Backups are configured to use it.' }];
    if (packed !== undefined)
      return [{ ...problemOf({ check }, error), why: `${backupReference(packed)} is compressed with it.` }];
    const message = `${program.name} is not installed; only --compress ${method} needs it.`;
    return [{ level: 'ok', check, message }];
  }
}

/**
 * Whether this tool's dump of this database can be loaded again. That it is of the other flavour is reported already.
 */
export function examineToolFor({ dumpTool, server, facts }: ExaminedDatabase): readonly Finding[] {
  if (dumpTool === undefined) return [];
  try {
    toolWarnings(server, dumpTool, facts);
    return [];
  } catch (error) {
    if (!(error instanceof DbBackupError)) throw error;
    return [problemOf({ check: 'programs', database: facts.database }, error)];
  }
}
