import { createHash } from 'node:crypto';
import { DumpReader } from '../../sql/dump-reader.ts';
import type { DumpReport } from '../../sql/dump-report.ts';
import { isSplittable, type RowChunk, type TablePlan } from '../../sql/script/load-plan.ts';
import { canGoOn } from '../../sql/rows/row-chunks.ts';
import { inTurn } from './joint-progress.ts';
import type { Runtime } from '../../run/runtime.ts';
import type { Manifest } from '../record/manifest.ts';
import { type BackupParts, type Gap, hasOffsets, withoutChunks } from './backup-parts.ts';
import { damaged } from './damaged.ts';
import { proveWhole } from './prove-whole.ts';
import {
  guardOptionsOf,
  refuseForeign,
  refuseMissing,
  refuseReach,
  refuseUnreadable,
  type VerifiedFile,
  type VerifyRequest,
} from './verify-file.ts';

/**
 * Proves a backup by its manifest's sha256, and reads it but for its chunks: their rows are read once, by whoever loads
 * them, and checked on their way. All else is checked as by `verifyFile`.
 *
 * @returns undefined for a backup that this cannot be done with: it is to be read whole.
 * @throws {DbBackupError} as `verifyFile`.
 */
export async function verifyButChunks(
  request: VerifyRequest,
  runtime: Runtime,
): Promise<VerifiedFile | undefined> {
  const { backup, file, allowIncomplete } = request;
  const { manifest, path } = backup;
  if (manifest === undefined || backup.state !== 'complete' || !canPassOverChunks(manifest)) return undefined;
  const restBytes = manifest.file.uncompressedBytes - textBytesOf(chunksOf(manifest.tables));
  const [proving, reading] = inTurn(runtime, [file.sizeBytes, restBytes]);
  const digests = await proveWhole(file, manifest, chunksOf(manifest.tables), proving);
  const parts = withoutChunks(file, manifest);
  const { textBytes, ...read } = await readButChunks(parts, request, reading);
  const findings = withChunks(read.findings, read.gaps, manifest, digests);
  if (findings === undefined) return undefined;
  const uncompressedBytes = textBytes + textBytesOf(chunksOf(manifest.tables));
  if (uncompressedBytes !== manifest.file.uncompressedBytes) {
    throw damaged(
      path,
      `holds ${uncompressedBytes} bytes of SQL, but its manifest says ${manifest.file.uncompressedBytes}`,
    );
  }
  refuseForeign(path, findings, request.waysOut);
  refuseUnreadable(backup, findings, allowIncomplete);
  refuseReach(path, findings, { isOurs: true, mayAllow: true });
  refuseMissing(path, findings, manifest);
  return { file: parts, verified: { findings, uncompressedBytes, sha256: read.sha256 } };
}

/**
 * Whether the chunks of a manifest are where chunks can be: each behind the one before it, within the file. What is in
 * them is another question.
 */
export function canPassOverChunks(manifest: Manifest): boolean {
  const chunks = chunksOf(manifest.tables);
  if (chunks.length === 0 || !hasOffsets(manifest)) return false;
  let [fileAt, textAt] = [0, 0];
  for (const { offsetBytes, endBytes, textOffsetBytes, uncompressedBytes, lines, statements } of chunks) {
    if (offsetBytes < fileAt || endBytes <= offsetBytes || textOffsetBytes < textAt) return false;
    if (uncompressedBytes === 0 || lines === 0 || statements === 0) return false;
    [fileAt, textAt] = [endBytes, textOffsetBytes + uncompressedBytes];
  }
  if (fileAt > manifest.file.sizeBytes || textAt > manifest.file.uncompressedBytes) return false;
  return manifest.tables.every(({ chunks: own = [] }) =>
    own.every(({ offsetBytes }, index) => index === 0 || own[index - 1]?.endBytes === offsetBytes),
  );
}

/** In the order of the file. */
export function chunksOf(tables: Manifest['tables']): readonly RowChunk[] {
  return tables.flatMap(({ chunks = [] }) => chunks).sort((a, b) => a.offsetBytes - b.offsetBytes);
}

export function textBytesOf(chunks: readonly RowChunk[]): number {
  return chunks.reduce((sum, { uncompressedBytes }) => sum + uncompressedBytes, 0);
}

/** What was read of a backup without its chunks. */
interface ReadParts {
  readonly findings: DumpReport;
  readonly gaps: readonly LineGap[];
  readonly textBytes: number;
  /** Of the text. */
  readonly sha256: string;
}

/** A gap, and on which line of the text it is. */
interface LineGap extends Gap {
  /** 1-based; its first byte begins a line. */
  readonly line: number;
}

/** @returns findings whose lines are those of the whole file. */
export async function readButChunks(
  parts: BackupParts,
  request: Parameters<typeof guardOptionsOf>[0],
  runtime: Runtime,
): Promise<ReadParts> {
  const reader = new DumpReader(guardOptionsOf(request));
  const hash = createHash('sha256');
  const mostBytes = request.backup.manifest?.file.uncompressedBytes ?? Number.POSITIVE_INFINITY;
  const gaps: LineGap[] = [];
  let [textBytes, line] = [0, 1];
  const onGap = (gap: Gap): void => void gaps.push({ ...gap, line });
  for await (const text of parts.readParts(runtime, onGap)) {
    runtime.signal.throwIfAborted();
    hash.update(text);
    textBytes += text.length;
    if (textBytes > mostBytes) throw damaged(parts.path, 'holds more than its manifest says');
    line += newlinesIn(text);
    reader.push(text);
    runtime.onProgress({ kind: 'bytes', doneBytes: textBytes, totalBytes: parts.sizeBytes });
  }
  const findings = withLinesOf(gaps, reader.finish());
  return { findings, gaps, textBytes, sha256: hash.digest('hex') };
}

/** The plan of the whole file; undefined when the chunks are not the rest of their tables' rows. */
export function withChunks(
  findings: DumpReport,
  gaps: readonly LineGap[],
  { longestStatementBytes }: Pick<Manifest, 'longestStatementBytes'>,
  digests: ReadonlyMap<number, string>,
): DumpReport | undefined {
  const { script } = findings;
  if (!isSplittable(script)) return undefined;
  const tables = new Map(script.tables.map((table) => [table.name, table]));
  for (const { table: listed, at } of gaps) {
    const table = tables.get(listed.name);
    if (table === undefined || !goesOn(table, at)) return undefined;
    const chunks = (listed.chunks ?? []).map((chunk) => ({
      ...chunk,
      sha256: digests.get(chunk.offsetBytes) ?? '',
    }));
    tables.set(listed.name, { ...table, chunks });
  }
  return {
    ...findings,
    script: { ...script, tables: [...tables.values()] },
    longestStatementBytes: Math.max(findings.longestStatementBytes, longestStatementBytes),
  };
}

/** Its rows end right before the gap, with a newline. */
function goesOn(table: TablePlan, at: number): boolean {
  return canGoOn(table) && (table.rows[0]?.end ?? 0) + 1 === at;
}

function newlinesIn(text: Buffer): number {
  let count = 0;
  for (let at = text.indexOf(0x0a); at >= 0; at = text.indexOf(0x0a, at + 1)) count++;
  return count;
}

/** The same, with every line counted as if the chunks were in the text. */
function withLinesOf<T>(gaps: readonly LineGap[], found: T): T {
  let passed = 0;
  const behind = gaps.map(({ line, table }) => {
    passed += (table.chunks ?? []).reduce((sum, { lines }) => sum + lines, 0);
    return { line, passed };
  });
  const lineOf = (line: number): number => line + (behind.findLast((gap) => gap.line <= line)?.passed ?? 0);
  const moved = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(moved);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, part]: [string, unknown]) => [
        key,
        key === 'line' && typeof part === 'number' ? lineOf(part) : moved(part),
      ]),
    );
  };
  return moved(found) as T;
}
