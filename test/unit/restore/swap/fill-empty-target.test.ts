import { expect, test } from 'vitest';
import { fillEmptyTarget } from '../../../../src/restore/swap/fill-empty-target.ts';
import type { TableMove } from '../../../../src/restore/swap/table-moves.ts';
import { DbBackupError } from '../../../../src/run/errors.ts';
import type { Row, Server } from '../../../../src/server/connect/server.ts';

const SCHEMAS = { stage: 'stage', old: 'old' };
const MOVES = Array.from({ length: 350 }, (_, number): TableMove => ({
  from: ['stage', `t${number}`],
  to: ['shop', `t${number}`],
}));
/** Which foreign keys tie. */
const RELATED = ['t7', 't340'];

/** Knows which tables are related, and keeps the other statements that it was given. */
function session() {
  const said: string[] = [];
  const query = async (sql: string): Promise<readonly Row[]> => {
    await new Promise(setImmediate);
    if (sql.includes('INNODB_SYS_FOREIGN'))
      return [{ from_database: 'stage', from_table: 't340', to_table: 't7', cut_off: 0 }];
    said.push(sql);
    return [];
  };
  const server = {
    flavour: 'mariadb',
    query,
    [Symbol.asyncDispose]: () => Promise.resolve(said.push('closed')),
  };
  return { server: server as unknown as Server, said };
}

/** Fills with two sessions; what each moves is a list of tables, as `act` lets it. */
async function filled(act: (isFurther: boolean, stop: AbortSignal) => Promise<void>) {
  const [main, further] = [session(), session()];
  const moved: { by: 'main' | 'further'; tables: readonly string[] }[] = [];
  const error = await fillEmptyTarget(
    main.server,
    { openBeside: (count) => Array.from({ length: count }, () => Promise.resolve(further.server)) },
    SCHEMAS,
    MOVES,
    async (by, some, stop) => {
      const isFurther = by === further.server;
      expect((isFurther ? further : main).said[0]).toBe('USE `old`');
      await act(isFurther, stop);
      moved.push({ by: isFurther ? 'further' : 'main', tables: some.map(({ from: [, name] }) => name) });
    },
  ).catch((failure: unknown) => failure);
  return { error, moved, main: main.said, further: further.said };
}

test('two sessions move each table once, those with foreign keys first and together', async () => {
  const { error, moved, further } = await filled(() => new Promise(setImmediate));

  expect(error).toBeUndefined();
  expect(moved.map(({ tables }) => tables.length).sort()).toEqual([100, 100, 100, 2, 48].sort());
  expect(moved.flatMap(({ tables }) => tables).sort()).toEqual(
    MOVES.map(({ from: [, name] }) => name).sort(),
  );
  expect(moved[0]?.tables).toEqual(RELATED);
  expect(new Set(moved.map(({ by }) => by)).size).toBe(2);
  expect(further.at(-1)).toBe('closed');
});

test.each([
  { as: 'restore-failed', moves: 'back what was moved' },
  { as: 'unreachable', moves: 'nothing back: a session that is lost may go on' },
] as const)('a failure, $as, stops the other session, and moves $moves', async ({ as }) => {
  const { error, moved, main, further } = await filled(async (isFurther, stop) => {
    if (!isFurther) {
      await new Promise(setImmediate);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(stop.aborted).toBe(false);
    throw new DbBackupError(as, 'made up');
  });

  expect(error).toMatchObject({ code: as });
  const back = main.filter((sql) => sql.startsWith('RENAME TABLE'));
  if (as === 'unreachable') expect(back).toEqual([]);
  else {
    expect(back).toHaveLength(moved.length);
    expect(back[0]).toBe('RENAME TABLE `shop`.`t7` TO `stage`.`t7`, `shop`.`t340` TO `stage`.`t340`');
  }
  expect(moved.length).toBeGreaterThan(0);
  expect(further.at(-1)).toBe('closed');
});
