import { describe, expect, test } from 'vitest';
import { newJobId } from '../../../../src/run/job-id.ts';
import { hasMoved, lostTables, movesBack, movesLeft } from '../../../../src/restore/swap/table-moves.ts';
import { jobOfScratchSchema, scratchSchemas } from '../../../../src/run/scratch-names.ts';

describe('scratch schemas', () => {
  test('are named for their job, and tell it', () => {
    const job = newJobId();
    const { stage, old } = scratchSchemas(job);

    expect([stage, old]).toEqual([`dbbackup_stage_${job}`, `dbbackup_old_${job}`]);
    expect([jobOfScratchSchema(stage), jobOfScratchSchema(old)]).toEqual([job, job]);
  });

  test.each([
    'shop',
    'dbbackup_stage_',
    'dbbackup_stage_A',
    'dbbackup_new_a',
    'xdbbackup_old_a',
    'dbbackup_old_a_b',
    'dbbackup_stage_prod', // a user's own
  ])('%s is none', (schema) => {
    expect(jobOfScratchSchema(schema)).toBeUndefined();
  });
});

describe('movesLeft', () => {
  const script = { database: 'shop', arriving: ['new', 'both'], leaving: ['both', 'gone'] };
  const schemas = scratchSchemas('x');
  const { stage, old } = schemas;
  const holds = (where: Record<'stage' | 'old' | 'target', readonly string[]>) => ({
    stage: new Set(where.stage),
    old: new Set(where.old),
    target: new Set(where.target),
  });

  test('before the swap it is all of them, the old ones first', () => {
    const moves = movesLeft(
      script,
      schemas,
      holds({ stage: ['new', 'both'], old: [], target: ['both', 'gone'] }),
    );

    expect(moves).toEqual([
      { from: ['shop', 'both'], to: [old, 'both'] },
      { from: ['shop', 'gone'], to: [old, 'gone'] },
      { from: [stage, 'both'], to: ['shop', 'both'] },
      { from: [stage, 'new'], to: ['shop', 'new'] },
    ]);
  });

  test('after it there is none, and a new table of an old name stays', () => {
    const after = holds({ stage: [], old: ['both', 'gone'], target: ['new', 'both'] });

    expect(movesLeft(script, schemas, after)).toEqual([]);
  });

  test('in the middle it is what is missing', () => {
    const middle = holds({ stage: ['new', 'both'], old: ['both'], target: ['gone'] });

    expect(movesLeft(script, schemas, middle)).toEqual([
      { from: ['shop', 'gone'], to: [old, 'gone'] },
      { from: [stage, 'both'], to: ['shop', 'both'] },
      { from: [stage, 'new'], to: ['shop', 'new'] },
    ]);
  });

  test('what somebody has dropped meanwhile is not moved', () => {
    const dropped = holds({ stage: ['new', 'both'], old: [], target: ['both'] });

    expect(movesLeft(script, schemas, dropped).map(({ from }) => from)).toEqual([
      ['shop', 'both'],
      [stage, 'both'],
      [stage, 'new'],
    ]);
  });

  test('no two tables of one statement want the same place', () => {
    const moves = movesLeft(
      script,
      schemas,
      holds({ stage: ['new', 'both'], old: [], target: ['both', 'gone'] }),
    );
    const names = (pairs: readonly (readonly string[])[]): ReadonlySet<string> =>
      new Set(pairs.map((pair) => pair.join('.')));

    expect(names(moves.map(({ to }) => to)).size).toBe(moves.length);
    expect(names(moves.map(({ from }) => from)).size).toBe(moves.length);
  });
});

test('what brings the old tables back makes room for them first', () => {
  const holds = {
    stage: new Set<string>(),
    old: new Set(['gone', 'both']),
    target: new Set(['both', 'new']),
  };

  expect(movesBack({ database: 'shop' }, { stage: 'stage', old: 'old' }, holds)).toEqual([
    { from: ['shop', 'both'], to: ['stage', 'both'] },
    { from: ['old', 'both'], to: ['shop', 'both'] },
    { from: ['old', 'gone'], to: ['shop', 'gone'] },
  ]);
});

describe('what the schemas hold tells', () => {
  const script = { database: 'shop', arriving: ['new', 'both'], leaving: ['both', 'gone'] };
  const holds = (stage: readonly string[], old: readonly string[], target: readonly string[]) => ({
    stage: new Set(stage),
    old: new Set(old),
    target: new Set(target),
  });
  const before = holds(['new', 'both'], [], ['both', 'gone']);
  const stageDropped = holds([], [], ['both', 'gone']);
  const after = holds([], ['both', 'gone'], ['new', 'both']);
  const middle = holds(['new', 'both'], ['both'], ['gone']);
  const lostInTheMiddle = holds([], ['both'], ['gone']);

  test.each([
    [before, false],
    [stageDropped, false],
    [middle, true],
    [lostInTheMiddle, true],
    [after, true],
  ])('whether tables have moved: %j', (there, moved) => {
    expect(hasMoved(script, there)).toBe(moved);
  });

  test('whether tables have moved into a database that had none', () => {
    const fresh = { ...script, leaving: [] };

    expect(hasMoved(fresh, holds(['new', 'both'], [], []))).toBe(false);
    expect(hasMoved(fresh, holds([], [], []))).toBe(false);
    expect(hasMoved(fresh, holds(['both'], [], ['new']))).toBe(true);
    // Somebody else has made one of that name, which kept all from moving.
    expect(hasMoved(fresh, holds(['new', 'both'], [], ['new']))).toBe(false);
  });

  test.each([
    [before, []],
    [stageDropped, ['new', 'both']],
    [middle, []],
    [lostInTheMiddle, ['new', 'both']],
    [after, []],
  ])('which of the backup are nowhere: %j', (there, names) => {
    expect(lostTables(script, there)).toEqual(names);
  });
});
