import { describe, expect, test } from 'vitest';
import { scheduleRows, type TableRows } from '../../../../../src/restore/load/parallel/row-schedule.ts';
import type { ProvenChunk, TablePlan } from '../../../../../src/sql/script/load-plan.ts';
import { seededRandom } from '../../../sql/chunks.ts';

const MIB = 1024 * 1024;

function table(
  name: string,
  chunkMib: readonly number[],
  { indexes = 0, canSplit = true, rowsPerByte = 0.01 }: Partial<TableRows> = {},
): TableRows {
  let offsetBytes = 0;
  const chunks = chunkMib.map((mib): ProvenChunk => {
    const chunk = {
      ...{ offsetBytes, endBytes: offsetBytes + mib, textOffsetBytes: 10 * offsetBytes },
      ...{ uncompressedBytes: mib * MIB, lines: 1, statements: mib, sha256: '' },
    };
    offsetBytes += mib;
    return chunk;
  });
  return { table: { name } as TablePlan, chunks, rowsPerByte, indexes, canSplit };
}

const shown = (runs: ReturnType<typeof scheduleRows>) =>
  runs.map(({ table: { name }, chunks, firstStatement }) => ({
    name,
    mib: chunks.map(({ uncompressedBytes }) => uncompressedBytes / MIB),
    firstStatement,
  }));

describe('scheduleRows', () => {
  test('begins with what takes longest, in as many halves as there are connections', () => {
    const tables = [
      table('small', [4]),
      table('indexed', [8, 8, 8], { indexes: 6 }),
      table('large', [8, 8, 8, 9]),
      table('short rows', [8, 8], { rowsPerByte: 0.1 }),
    ];

    expect(shown(scheduleRows(tables, 2))).toEqual([
      { name: 'indexed', mib: [8], firstStatement: 1 },
      { name: 'indexed', mib: [8, 8], firstStatement: 9 },
      { name: 'short rows', mib: [8], firstStatement: 1 },
      { name: 'short rows', mib: [8], firstStatement: 9 },
      { name: 'large', mib: [8, 8], firstStatement: 1 },
      { name: 'large', mib: [8, 9], firstStatement: 17 },
      { name: 'small', mib: [4], firstStatement: 1 },
    ]);
  });

  test('leaves a table whose rows need their order to one connection', () => {
    expect(shown(scheduleRows([table('log', [8, 8, 8], { canSplit: false })], 4))).toEqual([
      { name: 'log', mib: [8, 8, 8], firstStatement: 1 },
    ]);
  });

  test('of random tables: every chunk once, in the order of the file, in even shares', () => {
    const random = seededRandom(12);
    const whole = (below: number): number => 1 + Math.floor(random() * below);
    for (let round = 0; round < 2_000; round++) {
      const connections = whole(9);
      const tables = Array.from({ length: whole(6) }, (_, n) =>
        table(
          `t${n}`,
          Array.from({ length: whole(40) }, () => whole(9)),
          {
            indexes: whole(5) - 1,
            canSplit: random() < 0.8,
          },
        ),
      );
      const runs = scheduleRows(tables, connections);

      for (const { table: plan, chunks, canSplit } of tables) {
        const own = runs.filter((run) => run.table === plan);
        expect(own.flatMap((run) => run.chunks)).toEqual(chunks);
        expect(own.every((run) => run.chunks.length > 0)).toBe(true);
        expect(own.length).toBeLessThanOrEqual(canSplit ? connections : 1);
        let next = 1;
        for (const run of own) {
          expect(run.firstStatement).toBe(next);
          next += run.chunks.reduce((sum, { statements }) => sum + statements, 0);
        }
        // Next to each other: no other table's runs are between them.
        const [first] = own;
        expect(runs.slice(runs.indexOf(first!), runs.indexOf(first!) + own.length)).toEqual(own);
        const sizes = own.map(
          (run) => run.chunks.reduce((sum, { uncompressedBytes }) => sum + uncompressedBytes, 0) / MIB,
        );
        const total = sizes.reduce((sum, size) => sum + size, 0);
        if (canSplit && total >= 8) expect(Math.max(...sizes)).toBeLessThanOrEqual(total / connections + 9);
      }
    }
  });
});
