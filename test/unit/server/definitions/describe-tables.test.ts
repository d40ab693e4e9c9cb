import { describe, expect, test } from 'vitest';
import { DbBackupError } from '../../../../src/run/errors.ts';
import type { Row, Server } from '../../../../src/server/connect/server.ts';
import { describeTables } from '../../../../src/server/definitions/describe-tables.ts';

const TABLES = Array.from({ length: 150 }, (_, number) => ({ name: `t${number}`, kind: 'TABLE' }) as const);
const NAMES = TABLES.map(({ name }) => name).sort();

/** Answers after a turn of the event loop. @param dies At which of its tables, and as what. */
function session(dies?: { readonly at: number; readonly as: 'unreachable' | 'failed' }) {
  const asked: string[] = [];
  let isClosed = false;
  const query = async (sql: string): Promise<readonly Row[]> => {
    await new Promise(setImmediate);
    const name = /^SHOW CREATE TABLE `(\w+)`/.exec(sql)?.[1];
    if (name === undefined) return [];
    asked.push(name);
    if (asked.length === dies?.at) throw new DbBackupError(dies.as, 'made up');
    return [{ 'Create Table': `CREATE TABLE ${name}` }];
  };
  const close = (): Promise<void> => {
    isClosed = true;
    return Promise.resolve();
  };
  const server = { flavour: 'mariadb', version: '11.8.2', query, [Symbol.asyncDispose]: close };
  return { server: server as unknown as Server, asked, isClosed: () => isClosed };
}

async function described(
  main: Server,
  beside: (count: number) => readonly Promise<Server | undefined>[],
  connections = 4,
): Promise<readonly string[]> {
  const names: string[] = [];
  await describeTables(
    main,
    { openBeside: beside },
    { schema: 'shop', tables: TABLES, connections },
    (name, text) => {
      expect(text).toBe(`CREATE TABLE ${name}`);
      names.push(name);
    },
  );
  return names.sort();
}

describe('many tables are described', () => {
  test('by all sessions, and those beside are closed', async () => {
    const [main, ...others] = [session(), session(), session()];

    expect(await described(main.server, () => others.map(({ server }) => Promise.resolve(server)))).toEqual(
      NAMES,
    );
    for (const { asked } of [main, ...others]) expect(asked.length).toBeGreaterThan(30);
    expect(others.map(({ isClosed }) => isClosed())).toEqual([true, true]);
    expect(main.isClosed()).toBe(false);
  });

  test('by the first before the others are in', async () => {
    const [main, late] = [session(), session()];
    const login = new Promise<Server>((resolve) => {
      const wait = (): void => {
        if (main.asked.length < 100) setImmediate(wait);
        else resolve(late.server);
      };
      wait();
    });

    expect(await described(main.server, () => [login, Promise.resolve(undefined)])).toEqual(NAMES);
    expect(late.asked.length).toBeGreaterThan(10);
  });

  test.each([1, 30])('all the same when one beside is lost at its table %s', async (at) => {
    const [main, lost] = [session(), session({ at, as: 'unreachable' })];

    expect(await described(main.server, () => [Promise.resolve(lost.server)])).toEqual(NAMES);
    expect(lost.asked).toHaveLength(at);
    expect(main.asked).toContain(lost.asked.at(-1));
  });

  test('not at all when the first is lost, or one beside is refused', async () => {
    const lost = session({ at: 3, as: 'unreachable' });
    const refused = session({ at: 3, as: 'failed' });
    const beside = [Promise.resolve(session().server)];

    await expect(described(lost.server, () => beside)).rejects.toMatchObject({ code: 'unreachable' });
    await expect(described(session().server, () => [Promise.resolve(refused.server)])).rejects.toMatchObject({
      code: 'failed',
    });
    expect(refused.isClosed()).toBe(true);
  });

  test.each([
    [1, 1],
    [2, 2],
    [8, 2],
  ])('beside what %s connections loaded, by %s more', async (connections, more) => {
    const counts: number[] = [];
    await described(
      session().server,
      (count) => {
        counts.push(count);
        return [];
      },
      connections,
    );

    expect(counts).toEqual([more]);
  });
});
