import { type Manifest, MANIFEST_SCHEMA, type ManifestTable } from '../backups/record/manifest.ts';
import type { FilePlace } from '../compression/codec.ts';
import { compressionText } from '../compression/methods.ts';
import type { Runtime } from '../run/runtime.ts';
import type { StoredObject } from '../server/catalog/database-facts.ts';
import { wayTo } from '../server/connect/connection.ts';
import type { BackupTask } from './backup-task.ts';
import type { PreparedDump } from './prepare-dump.ts';
import { storedObjectDigests } from './stored-object-digests.ts';
import { rowChunks } from '../sql/rows/row-chunks.ts';
import { restoreOnly, skippedAs } from './refuse-unrestorable.ts';
import type { StreamedDump } from './stream-dump.ts';

export function describe(
  task: BackupTask,
  { plan, facts, identity, routineGrants, tool, views }: PreparedDump,
  { outline, findings, places, sizeBytes, sha256 }: StreamedDump,
  made: {
    readonly name: string;
    readonly fileName: string;
    readonly startedAt: Date;
    readonly warnings: readonly string[];
  },
  { now, version }: Runtime,
): Manifest {
  const { connection, compression, skip } = task;
  const finishedAt = now();
  const engines = new Map(facts.tables.map(({ name, engine }) => [name, engine]));
  const { endpoint } = connection;
  const offsets = new Map(Array.from(places, ([place, { offsetBytes }]) => [place, offsetBytes]));
  const chunks = rowChunks(outline.sections, findings.script, offsets);
  return {
    schema: MANIFEST_SCHEMA,
    name: made.name,
    label: task.label,
    database: task.database,
    job: task.job,
    startedAt: made.startedAt.toISOString(),
    finishedAt: finishedAt.toISOString(),
    durationMs: Math.max(0, finishedAt.getTime() - made.startedAt.getTime()),
    file: {
      name: made.fileName,
      sizeBytes,
      sha256,
      compression: compression.method,
      uncompressedBytes: outline.bytes,
    },
    server: {
      flavour: plan.server.flavour,
      version: plan.server.version,
      ...wayTo(endpoint),
      ...identity,
    },
    tool: { program: tool.program, version: tool.version, dbbackupVersion: version },
    charset: facts.charset,
    collation: facts.collation,
    tables: outline.sections.map((section) => ({
      name: section.table,
      engine: engines.get(section.table) ?? '',
      uncompressedBytes: section.uncompressedBytes,
      ...placeOf(places.get(section)),
      ...(chunks.has(section.table) ? { chunks: chunks.get(section.table) } : {}),
    })),
    counts: { views: plan.views, routines: plan.routines, triggers: plan.triggers, events: plan.events },
    dataLengthBytes: facts.tables.reduce((sum, table) => sum + table.dataBytes, 0),
    longestStatementBytes: findings.longestStatementBytes,
    options: {
      compress: compressionText(compression),
      routines: !skip.routines,
      triggers: !skip.triggers,
      events: !skip.events,
      // Sequences: see `buildDumpArgs`.
      ...(facts.tables.some(({ kind }) => kind === 'sequence') ? { addLocks: false } : {}),
    },
    warnings: made.warnings,
    restoreOnly: restoreOnly(findings),
    ...(task.interrupted.jobs.length === 0 ? {} : { madeFromInterrupted: task.interrupted.jobs }),
    ...(plan.skippedBroken.length === 0 ? {} : { skippedBroken: plan.skippedBroken }),
    ...(plan.inexactColumns.length === 0 ? {} : { inexactColumns: plan.inexactColumns }),
    programs: storedObjectDigests(dumpedObjects(facts.programs, skip), [task.database]),
    routineGrants,
    storedObjects: Array.from(views, ([name, sha256]) => ({ kind: 'view', name, sha256 })),
  };
}

function placeOf(place: FilePlace | undefined): Pick<ManifestTable, 'offsetBytes' | 'skipBytes'> {
  const { offsetBytes = null, skipBytes = 0 } = place ?? {};
  return { offsetBytes, ...(skipBytes === 0 ? {} : { skipBytes }) };
}

/** Without those that were left out of the dump. */
function dumpedObjects(objects: readonly StoredObject[], skip: BackupTask['skip']): readonly StoredObject[] {
  return objects.filter((object) => {
    const option = skippedAs(object);
    return option === undefined || !skip[option];
  });
}
