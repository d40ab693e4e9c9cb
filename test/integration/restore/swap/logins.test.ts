import { afterAll, beforeAll, expect, test } from 'vitest';
import { runDbbackup } from '../../../harness/dbbackup.ts';
import { describeOneServer } from '../../../harness/describe-each-server.ts';
import { ownServer } from '../../../harness/own-server.ts';
import type { OwnServer } from '../../../harness/own-server.ts';

const SHOP_SQL = `
  CREATE TABLE customers (id INT PRIMARY KEY, name VARCHAR(50));
  INSERT INTO customers VALUES (1, 'hemp'), (2, 'flax');
  CREATE TABLE orders (id INT PRIMARY KEY, customer INT, FOREIGN KEY (customer) REFERENCES customers (id));
  INSERT INTO orders VALUES (1, 1);
  CREATE TRIGGER upper_name BEFORE INSERT ON customers FOR EACH ROW SET NEW.name = UPPER(NEW.name);
  CREATE VIEW names AS SELECT name FROM customers;
  CREATE PROCEDURE count_orders() SELECT COUNT(*) FROM orders;
  CREATE EVENT yearly ON SCHEDULE EVERY 1 YEAR DO SELECT 1;
`;
/**
 * Lock, questions before the load, check and swap, finish, look and clear; what the dump tool's session gets, before the
 * load, for the safety backup and for the old tables, and questions about these; whether the load account can log in,
 * and its removal.
 */
const MOST_LOGINS = 12;
/**
 * For the plan, before the load, before and after the safety backup, for the swap, of the old tables, and for what came
 * of it.
 */
const MOST_CATALOGUE_READS = 7;

describeOneServer('a staged restore', (shared) => {
  let own: OwnServer;
  beforeAll(async () => {
    own = await ownServer(shared, ['--general-log', '--log-output=TABLE']);
  });
  afterAll(() => own[Symbol.asyncDispose]());

  test('logs in once for each phase, beside those that load and dump', async () => {
    const { server } = own;
    await server.query('CREATE DATABASE shop');
    await server.sql(SHOP_SQL, 'shop');
    const made = await runDbbackup(['create', 'shop'], { server });
    expect(made.exitCode, made.stderr).toBe(0);
    await server.query('TRUNCATE mysql.general_log');

    const restored = await runDbbackup(['restore', made.stdout.trim(), '--confirm', 'shop'], { server });

    expect(restored.exitCode, restored.stderr).toBe(0);
    const sessions = await loggedSessions(own);
    const loading = sessions.filter((text) => text.includes('unique_checks = 1'));
    const dumping = sessions.filter((text) => text.includes('WITH CONSISTENT SNAPSHOT'));
    const others = sessions.filter((text) => !loading.includes(text) && !dumping.includes(text));
    // The tables were made so lately that it may not be proven that nobody wrote to them late.
    expect([1, 2]).toContain(dumping.length);
    expect(loading.length).toBeGreaterThan(2);
    expect(others.length, others.join('\n\n')).toBeLessThanOrEqual(MOST_LOGINS);
    const reads = others.flatMap((text) => text.match(/CHARACTER_OCTET_LENGTH AS octets/g) ?? []);
    expect(reads.length).toBeLessThanOrEqual(MOST_CATALOGUE_READS);
    expect(reads.length).toBeGreaterThan(2);
  });
});

/** What each session of dbbackup and its programs has asked; the tests' own come through the socket. */
async function loggedSessions({ server }: OwnServer): Promise<readonly string[]> {
  const log = await server.query(
    `SELECT thread_id, HEX(argument) FROM mysql.general_log
      WHERE user_host LIKE '%[127.0.0.1]%' ORDER BY event_time`,
  );
  const sessions = new Map<string, string>();
  for (const line of log.split('\n')) {
    const [id = '', hex = ''] = line.split('\t');
    sessions.set(id, `${sessions.get(id) ?? ''}${Buffer.from(hex, 'hex').toString()}\n`);
  }
  return [...sessions.values()];
}
