import type { Place, Section } from '../outline/dump-outline.ts';
import {
  isSplittable,
  type LoadPlan,
  type NotSplittable,
  type RowChunk,
  type TablePlan,
} from '../script/load-plan.ts';

/**
 * Where the rows of each large table can be read on their own, whatever precedes them.
 *
 * @param script Of the very dump that the sections are of: it proves that an INSERT of plain rows begins at each cut.
 * @param offsets Where the places are in the file.
 */
export function rowChunks(
  sections: readonly Section[],
  script: LoadPlan | NotSplittable,
  offsets: ReadonlyMap<Place, number>,
): ReadonlyMap<string, readonly RowChunk[]> {
  if (!isSplittable(script)) return new Map();
  const tables = new Map(script.tables.map((table) => [table.name, table]));
  return new Map(
    sections.flatMap((section) => {
      const table = tables.get(section.table);
      const chunks = table !== undefined && canCut(table, section) ? chunksOf(section, offsets) : undefined;
      return chunks === undefined ? [] : [[section.table, chunks] as const];
    }),
  );
}

/** All rows are one run of INSERTs, in which a statement begins behind each `;` and newline. */
function canCut(table: TablePlan, { cuts }: Section): boolean {
  const [first, last] = [cuts[0], cuts.at(-1)];
  const [run, more] = table.rows;
  if (first === undefined || last?.endsRows !== true || run === undefined || more !== undefined) return false;
  return (
    canGoOn(table) &&
    run.start < first.start &&
    first.start < last.start &&
    run.end + 1 === last.start &&
    run.statements === last.statements
  );
}

/** Whether chunks may follow the rows that the plan knows: they are one run of plain INSERTs, and need no order. */
export function canGoOn({ rows: [run, more], inOrder, namesDatabase }: TablePlan): boolean {
  if (run === undefined || more !== undefined || inOrder || namesDatabase) return false;
  const { byLine, isPlain, settings, without } = run;
  return byLine && isPlain && without === undefined && Object.keys(settings).length === 0;
}

function chunksOf({ cuts }: Section, offsets: ReadonlyMap<Place, number>): readonly RowChunk[] | undefined {
  const chunks: RowChunk[] = [];
  for (const [index, next] of cuts.entries()) {
    const cut = cuts[index - 1];
    if (cut === undefined) continue;
    const [offsetBytes, endBytes] = [offsets.get(cut), offsets.get(next)];
    if (offsetBytes === undefined || endBytes === undefined) return undefined;
    chunks.push({
      ...{ offsetBytes, endBytes, textOffsetBytes: cut.start, uncompressedBytes: next.start - cut.start },
      ...{ lines: next.line - cut.line, statements: next.statements - cut.statements },
    });
  }
  return chunks;
}
