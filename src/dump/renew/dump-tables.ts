import { standardCompression } from '../../compression/methods.ts';
import type { PartialFile } from '../../files/partial-file.ts';
import { findClientProgram } from '../../programs/client-programs.ts';
import { buildDumpArgs, dumpFailure } from '../../programs/dump-tool.ts';
import { DbBackupError } from '../../run/errors.ts';
import type { Runtime } from '../../run/runtime.ts';
import { readDatabaseFacts } from '../../server/catalog/database-facts.ts';
import type { Connection } from '../../server/connect/connection.ts';
import { hasHistograms } from '../../server/catalog/persistent-statistics.ts';
import type { SharedSession } from '../../server/session/shared-session.ts';
import { readToolSettings } from '../prepare-dump.ts';
import { runDumpTool } from '../start-dump-tool.ts';
import { type StreamedDump, streamDump } from '../stream-dump.ts';

/** What a command line has room for besides the environment; the system's limit is 2 MiB for both. */
const NAMES_BYTES = 256 * 1024;

/**
 * Dumps some tables of a schema that nobody writes to, without their triggers, as an earlier dump of them was made.
 *
 * @param request.addLocks Whether that one locks each table while it is filled.
 * @param file Gets gzip members. It may hold more tables than were asked for.
 * @throws {DbBackupError} `dump-failed`, and what the dump tool's failures are told as.
 */
export async function dumpTables(
  request: {
    readonly connection: Connection;
    readonly schema: string;
    readonly tables: readonly string[];
    readonly addLocks: boolean;
  },
  file: PartialFile,
  session: SharedSession,
  runtime: Runtime,
): Promise<StreamedDump> {
  const { connection, schema, tables, addLocks } = request;
  const server = await session.open();
  const tool = await findClientProgram('dump', server.flavour, runtime.env, runtime.signal);
  const settings = await readToolSettings(connection, tool, runtime.signal);
  const facts = await readDatabaseFacts(server, schema);
  const isLong = tables.reduce((sum, name) => sum + Buffer.byteLength(name) + 1, 0) > NAMES_BYTES;
  const args = buildDumpArgs(
    {
      database: schema,
      tables: isLong ? undefined : tables,
      serverVersion: server.version,
      settings,
      // With the heading of routines, of which there are none, the last table ends as the others do.
      skip: { routines: false, triggers: true, events: true },
      history: facts.tables.some(({ kind }) => kind === 'system-versioned'),
      histograms: await hasHistograms(server, schema),
      sequences: !addLocks,
      without: [],
    },
    tool,
  );
  const estimatedBytes = facts.tables
    .filter(({ name }) => isLong || tables.includes(name))
    .reduce((sum, { dataBytes }) => sum + dataBytes, 0);
  const { value: streamed, end } = await runDumpTool(
    { connection, tool, arguments: args, settings },
    (text) =>
      streamDump(text, schema, { ...standardCompression('gzip'), level: 1 }, file.write.bind(file), {
        env: runtime.env,
        signal: runtime.signal,
        onBytes: (doneBytes) => {
          runtime.onProgress({ kind: 'bytes', doneBytes, totalBytes: estimatedBytes || undefined });
        },
      }),
    runtime,
  );
  const failure = dumpFailure(end, {
    ...{ program: tool.program, database: schema, password: connection.password },
    maySkip: false,
  });
  if (failure !== undefined) throw failure;
  const there = new Set(streamed.outline.sections.map(({ table }) => table));
  const missing = tables.find((name) => !there.has(name));
  if (!streamed.ended || missing !== undefined)
    throw new DbBackupError(
      'dump-failed',
      `The dump of ${schema} ${streamed.ended ? `lacks the table ${missing ?? ''}` : 'is truncated'}.`,
    );
  return streamed;
}
