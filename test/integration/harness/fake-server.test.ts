import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { cuttingProxy } from '../../harness/cutting-proxy.ts';
import { freshDatabase } from '../../harness/database.ts';
import { describeEachServer, describeOneServer, testServers } from '../../harness/describe-each-server.ts';
import { fakeServer } from '../../harness/fake-server.ts';
import type { TestServer } from '../../harness/test-server.ts';

describeEachServer('the fake server', (server) => {
  test('writes down what the stock client sends', async () => {
    const fake = await fakeServer();

    const result = await client(server, fake.port, 'CREATE TABLE t (id INT);\nSELECT 1;\n', [
      '--database=shop',
    ]);

    expect(result.stderr).not.toContain('ERROR');
    expect(fake.changes).toEqual(['CREATE TABLE t (id INT)']);
    expect(fake.databases).toContain('shop');
  });
});

describeOneServer('the fake server', (server) => {
  test('gives the answers that it is told', async () => {
    const fake = await fakeServer({
      answer: (query) => (query === 'SELECT what' ? { columns: ['a', 'b'], rows: [['1', null]] } : undefined),
    });

    expect((await client(server, fake.port, 'SELECT what;\n', ['--batch'])).stdout).toBe('a\tb\n1\tNULL');
  });

  test('refuses and cuts as it is told', async () => {
    const refusing = await fakeServer({
      answer: () => ({ error: { code: 1142, state: '42000', message: 'denied here' } }),
    });
    const cutting = await fakeServer({
      answer: (query) => (query.startsWith('DO') ? { cut: 'rst' } : undefined),
    });

    expect((await client(server, refusing.port, 'DO 1;\n')).stderr).toContain('denied here');
    expect((await client(server, cutting.port, 'DO 1;\n')).stderr).toMatch(/20(13|06)/);
  });

  test('sees a statement of several packets as one', async () => {
    const fake = await fakeServer();
    const text = 'x'.repeat(20 * 2 ** 20);

    await client(server, fake.port, `SET @x = '${text}';\n`, ['--max-allowed-packet=1G']);

    expect(fake.queries.map((query) => query.length)).toContain(text.length + "SET @x = ''".length);
  });
});

describe('the cutting proxy', () => {
  const server = testServers()[0]!;

  test.each(['fin', 'rst'] as const)(
    'ends a connection with %s after the bytes that it was told',
    async (how) => {
      const proxy = await cuttingProxy(server, { afterBytes: 5000, direction: 'from-server', how });
      const { stderr } = await client(server, proxy.port, "SELECT REPEAT('x', 100000);\n");

      expect(stderr).toMatch(/20(13|06|26)/);
      expect(proxy.passedBytes['from-server']).toBe(5000);
    },
  );

  test('only counts when there is nothing to cut', async () => {
    const database = await freshDatabase(server, {
      sql: 'CREATE TABLE t (id INT); INSERT INTO t VALUES (42);',
    });
    const proxy = await cuttingProxy(server);

    expect((await client(server, proxy.port, `SELECT id FROM ${database}.t;\n`)).stdout).toContain('42');
    expect(proxy.passedBytes['to-server']).toBeGreaterThan(50);
  });
});

/** The stock client, without TLS, against any port. */
function client(server: TestServer, port: number, input: string, options: readonly string[] = []) {
  const plain = server.flavour === 'mysql' ? '--ssl-mode=DISABLED' : '--skip-ssl';
  const address = ['--host=127.0.0.1', `--port=${port}`, '--user=root', plain];
  return execa(server.client, ['--no-defaults', ...address, ...options], {
    input,
    reject: false,
    timeout: 20_000,
  });
}
