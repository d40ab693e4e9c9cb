import type { Manifest, ManifestTable } from '../../record/manifest.ts';
import { hasOffsets } from '../backup-parts.ts';
import { stretchesOf } from '../stretches.ts';
import { canPassOverChunks, textBytesOf } from '../verify-but-chunks.ts';

/** Consecutive bytes of a file that are read. */
export interface SqlRange {
  readonly fromBytes: number;
  /** undefined: to the end of the file. */
  readonly toBytes: number | undefined;
  readonly begins: RangeBeginning;
}

/**
 * With what a range begins: the file; the heading of a table; what stands behind the rows of a table whose beginning is
 * read, too; or anything else, at the beginning of a line.
 */
export type RangeBeginning = 'file' | 'section' | 'behind-rows' | 'anywhere';

/** What of a dump is wanted. */
export interface WantedSql {
  /** By name. undefined: all. */
  readonly tables: ReadonlySet<string> | undefined;
  readonly rows: boolean;
  /** Views stand among the tables, where no offset leads to them. */
  readonly views: boolean;
}

interface Skip {
  readonly fromBytes: number;
  readonly toBytes: number;
  readonly endsAt: Exclude<RangeBeginning, 'file'>;
  readonly table: string;
  readonly textBytes: number;
}

export interface ReadingPlan {
  /** In the order of the file. */
  readonly ranges: readonly SqlRange[];
  /** Of each wanted table, how much of the text of its section is left out. */
  readonly passedOver: ReadonlyMap<string, number>;
}

/**
 * The parts of a file in which what is wanted stands, by the offsets of its manifest; its head and its foot always.
 *
 * @returns undefined: all of the file is to be read.
 */
export function planReading(manifest: Manifest, wanted: WantedSql): ReadingPlan | undefined {
  if (!hasOffsets(manifest)) return undefined;
  const skips = skipsOf(manifest, wanted);
  if (skips.length === 0) return undefined;
  const whole = joined(skips);
  const starts: readonly Pick<SqlRange, 'fromBytes' | 'begins'>[] = [
    { fromBytes: 0, begins: 'file' },
    ...whole.map(({ toBytes, endsAt }) => ({ fromBytes: toBytes, begins: endsAt })),
  ];
  const ranges = starts.map((start, index) => ({ ...start, toBytes: whole[index]?.fromBytes }));
  return {
    ranges: ranges.filter(({ fromBytes, toBytes }) => toBytes === undefined || toBytes > fromBytes),
    passedOver: new Map(skips.map(({ table, textBytes }) => [table, textBytes])), // those of no table are of no wanted one
  };
}

/** In the order of the file; what is skipped of one table may touch what is skipped of the next. */
function skipsOf(manifest: Manifest, { tables, rows, views }: WantedSql): readonly Skip[] {
  const isNamed = (table: ManifestTable | undefined): boolean =>
    table !== undefined && (tables === undefined || tables.has(table.name));
  const mayPassOver = canPassOverChunks(manifest);
  const stretches = stretchesOf(manifest);
  return stretches.flatMap((stretch, index): readonly Skip[] => {
    const next = stretches[index + 1];
    const isNeeded = views || isNamed(stretch.endOf) || stretch.tables.some(isNamed);
    if (!isNeeded && next !== undefined) {
      const endsAt = next.endOf === undefined ? 'section' : 'anywhere';
      return [{ fromBytes: stretch.fromBytes, toBytes: next.fromBytes, endsAt, table: '', textBytes: 0 }];
    }
    return stretch.tables.flatMap((table): readonly Skip[] => {
      const isWanted = isNamed(table);
      const chunks = mayPassOver && !(isWanted && rows) ? (table.chunks ?? []) : [];
      const [first, last] = [chunks[0], chunks.at(-1)];
      if (first === undefined || last === undefined) return [];
      // Behind the last table stands the foot.
      const fromBytes = isNeeded ? first.offsetBytes : stretch.fromBytes;
      const endsAt = isWanted ? 'behind-rows' : 'anywhere';
      return [
        { table: table.name, textBytes: textBytesOf(chunks), fromBytes, toBytes: last.endBytes, endsAt },
      ];
    });
  });
}

function joined(skips: readonly Skip[]): readonly Skip[] {
  const found: Skip[] = [];
  for (const skip of skips) {
    const before = found.at(-1);
    if (before?.toBytes === skip.fromBytes)
      found[found.length - 1] = { ...skip, fromBytes: before.fromBytes };
    else found.push(skip);
  }
  return found;
}
