import prettyBytes from 'pretty-bytes';
import type { ClientProgram } from '../../programs/client-programs.ts';
import { readReadOnly } from '../../server/instance/ask-read-only.ts';
import { readAllowedPacketBytes, readStatementLimitMs } from '../../server/instance/limits.ts';
import type { Server } from '../../server/connect/server.ts';
import { backupReference } from '../../backups/record/backup.ts';
import type { Backup } from '../../backups/record/backup.ts';
import type { Finding } from '../finding/finding.ts';
import { FLAVOUR_NAMES } from '../../server/connect/flavour.ts';
import {
  insteadOfReadOnly,
  readOnlyText,
  WRITES_TO_REPLICA,
} from '../../server/instance/read-only-server.ts';
import type { ReadOnlyServer } from '../../server/instance/read-only-server.ts';
import { DEFAULT_PACKET_BYTES, liftsStatementLimit, packetFor } from '../../server/instance/packet-size.ts';

const CHECK = 'server-settings';

/** Server settings that end a dump or a load halfway. */
export async function examineServerSettings(subject: {
  readonly server: Server;
  /** Newest first. */
  readonly backups: readonly Backup[];
  readonly tool: ClientProgram | undefined;
}): Promise<readonly Finding[]> {
  const { server, backups, tool } = subject;
  return [
    examinePacket(server, backups, await readAllowedPacketBytes(server)),
    ...examineTimeLimit(server, tool, await readStatementLimitMs(server)),
    ...examineReadOnly(await readReadOnly(server)),
  ];
}

function examineReadOnly(readOnly: ReadOnlyServer | undefined): readonly Finding[] {
  if (readOnly === undefined) return [];
  const message = `The server is ${readOnlyText(readOnly)}`;
  const create = 'Backups of it work as usual.';
  if (readOnly.mayWrite) {
    return [
      {
        level: 'warning',
        check: CHECK,
        message: `${message}, but not for this account.`,
        why: `${create} ${WRITES_TO_REPLICA}`,
        fix: ['Restore on the server that it replicates from (--host, --port).'],
      },
    ];
  }
  return [
    {
      level: 'warning',
      check: CHECK,
      message: `${message}.`,
      why: `${create} Nothing can be restored into it, and no backup can be rehearsed on it; both are refused before anything is touched.`,
      fix: insteadOfReadOnly(readOnly),
    },
  ];
}

/** Compared with the newest backup of each database; where there is none, with the servers' defaults. */
function examinePacket(server: Server, backups: readonly Backup[], allowedBytes: number): Finding {
  const setting = `max_allowed_packet is ${prettyBytes(allowedBytes, { binary: true })}`;
  const newest = new Map<string, Backup>();
  for (const backup of backups)
    if (backup.manifest !== undefined && !newest.has(backup.database)) newest.set(backup.database, backup);
  const longest = [...newest.values()]
    .sort((a, b) => longestOf(b) - longestOf(a))
    .find(({ manifest }) => manifest !== undefined);
  if (longest === undefined) {
    const standard = DEFAULT_PACKET_BYTES[server.flavour];
    if (allowedBytes >= standard) return { level: 'ok', check: CHECK, message: `${setting}.` };
    return {
      level: 'warning',
      check: CHECK,
      message: `${setting}, less than the default of ${FLAVOUR_NAMES[server.flavour]}.`,
      why: 'A backup with a longer row could not be restored. There is no backup yet, so the longest row is not known.',
      fix: [`SET GLOBAL max_allowed_packet = ${standard};`],
    };
  }
  const longestBytes = longestOf(longest);
  const statement = `the longest statement of ${backupReference(longest)} has ${prettyBytes(longestBytes, { binary: true })}`;
  if (longestBytes <= allowedBytes)
    return { level: 'ok', check: CHECK, message: `${setting}; ${statement}.` };
  return {
    level: 'problem',
    check: CHECK,
    message: `${setting}, but ${statement}.`,
    why: 'The server would refuse it, so the backup cannot be restored here.',
    fix: [`SET GLOBAL max_allowed_packet = ${packetFor(longestBytes)};`],
  };
}

function longestOf({ manifest }: Backup): number {
  return manifest?.longestStatementBytes ?? 0;
}

function examineTimeLimit(
  server: Server,
  tool: ClientProgram | undefined,
  limitMs: number,
): readonly Finding[] {
  if (limitMs === 0) return [];
  const name = server.flavour === 'mysql' ? 'max_execution_time' : 'max_statement_time';
  const setting = `The server ends queries after ${limitMs / 1000} s (${name})`;
  if (tool === undefined || liftsStatementLimit(server.flavour, tool))
    return [{ level: 'ok', check: CHECK, message: `${setting}, but not those of dbbackup.` }];
  return [
    {
      level: 'warning',
      check: CHECK,
      message: `${setting}, and ${tool.program} ${tool.version} cannot lift that limit.`,
      why: 'The backup fails if reading a table takes longer.',
      fix: [`SET GLOBAL ${name} = 0;`],
    },
  ];
}
