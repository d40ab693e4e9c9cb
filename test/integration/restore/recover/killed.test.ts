import { expect, test } from 'vitest';
import { SWAP_STEPS } from '../../../../src/jobs/record/swap-journal.ts';
import { CHANGE_SQL, everythingSql } from '../../../fixtures/two-states.ts';
import { newAccount } from '../../../harness/accounts.ts';
import { backUp, expectSameDump, succeeds } from '../../../harness/backup.ts';
import { freshDatabase } from '../../../harness/database.ts';
import { startDbbackup } from '../../../harness/dbbackup.ts';
import type { RunningDbbackup, RunOptions, RunResult } from '../../../harness/dbbackup.ts';
import { describeOneServer } from '../../../harness/describe-each-server.ts';
import { holdTable } from '../../../harness/held-table.ts';
import { ownServer } from '../../../harness/own-server.ts';
import { comesTo, unsettledJobs } from '../../../harness/swap-journal.ts';
import type { TestServer } from '../../../harness/test-server.ts';
import { withoutOthers } from '../../../harness/warnings-of-others.ts';
import { waitFor } from '../../../harness/wait-for.ts';

/** A state of a database, and the backup that brings it back. */
interface State {
  readonly dump: Buffer;
  readonly backup: string;
}

/** So many rows that they are loaded as those of a large table. */
const SQL = everythingSql(12_000);

/** A database that is in the first state; each round tries to bring it to the other. */
class TwoStates {
  readonly server: TestServer;
  readonly database: string;
  /** The one that it is in comes first. */
  #states: readonly [State, State];
  readonly #first: State;

  private constructor(server: TestServer, database: string, states: readonly [State, State]) {
    this.server = server;
    this.database = database;
    this.#states = states;
    this.#first = states[0];
  }

  static async of(server: TestServer, database: string, changes = CHANGE_SQL): Promise<TwoStates> {
    const state = async (): Promise<State> => ({
      backup: await backUp(server, database),
      dump: await server.dump(database),
    });
    const other = await state();
    await server.sql(changes, database);
    return new TwoStates(server, database, [await state(), other]);
  }

  /** Brings the state back that it was in when this was made. */
  async renew(): Promise<void> {
    if (this.#states[0] === this.#first) return;
    const args = ['restore', this.#first.backup, '--confirm', this.database, '--no-safety-backup'];
    await succeeds(args, { server: this.server });
    this.#states = [this.#states[1], this.#states[0]];
  }

  /** Begins a restore of the other state. */
  restore(options: RunOptions = {}): Promise<RunningDbbackup> {
    const { backup } = this.#states[1];
    const args = ['restore', backup, '--confirm', this.database, '--no-safety-backup'];
    return startDbbackup(args, { server: this.server, ...options });
  }

  /**
   * However the restore ended: what it left undone `status` tells, and `settle` puts it right; then the database is
   * in one of the two states, whole.
   */
  async expectOneOfTwo(settle: 'restore --resume' | 'create', result: RunResult): Promise<void> {
    const { server, database } = this;
    const [job, ...others] = await unsettledJobs();
    expect(others).toEqual([]);
    if (job?.swap?.step === 'staging') await this.#expectState(0, result);
    if (job?.swap?.step === 'clearing') await this.#expectState(1, result);
    if (job !== undefined) {
      const { stdout } = await succeeds(['status', job.id], { server });
      expect(stdout).toMatch(
        /^left .* (is unchanged|has its old tables|has the backup's tables|is restored)/m,
      );
      expect(stdout).toContain(`dbbackup restore --resume ${job.id}`);
      if (result.signal === 'SIGKILL') expect(stdout).toContain('interrupted');
      const args = settle === 'create' ? ['create', database] : ['restore', '--resume', job.id];
      const { stderr } = await succeeds(args, { server });
      // A staging schema may have been removed by the run of another test, for which it is a stranger's.
      expect(stderr).toMatch(
        new RegExp(
          `The restore ${job.id} of ${database} was interrupted and (has been (completed|rolled back)|left nothing)`,
        ),
      );
    }
    expect(await unsettledJobs()).toEqual([]);
    if (job !== undefined) {
      const { problems } = JSON.parse((await succeeds(['status', '--json'])).stdout) as {
        readonly problems: readonly { readonly id: string }[];
      };
      expect(problems.map(({ id }) => id)).not.toContain(job.id);
    }
    const isNew = (await server.dump(database)).equals(this.#states[1].dump);
    if (!isNew) await this.#expectState(0, result);
    if (result.exitCode === 0) expect(isNew).toBe(true);
    if (result.exitCode === 20) expect(isNew).toBe(false);
    if (isNew) this.#states = [this.#states[1], this.#states[0]];
  }

  async #expectState(which: 0 | 1, { stderr }: RunResult): Promise<void> {
    try {
      expectSameDump(await this.server.dump(this.database), this.#states[which].dump);
    } catch (cause) {
      throw new Error(`${this.database} is in neither state. The restore said: ${stderr}`, { cause });
    }
  }
}

const SETTLERS = ['restore --resume', 'create'] as const;

// At named steps; at any moment, and often, in the campaign: `kills-restore`, `kill-connections-restore`.
describeOneServer('a restore that is killed', (server) => {
  test('at each step of its journal, or whose connection that removes the old tables is, leaves old or new, or what one command makes so', async () => {
    const states = await TwoStates.of(server, await freshDatabase(server, { sql: SQL }));
    for (const [index, step] of SWAP_STEPS.entries()) {
      const run = await states.restore();
      await comesTo(step, run);
      run.signal('SIGKILL');
      await states.expectOneOfTwo(SETTLERS[index % 2]!, await run.finished);
    }

    const account = await newAccount(server);
    await account.grant('ALL', '*.*');
    const run = await states.restore({ env: account.env });
    expect(await comesTo('finishing', run)).toBe(true);
    run.signal('SIGSTOP'); // so that the table is held before the removal comes
    const [{ swap } = { swap: undefined }] = await unsettledJobs();
    const release = await holdTable(server, swap!.old, 'parent').finally(() => {
      run.signal('SIGCONT');
    });
    const waits = `SELECT id FROM ${server.processlist} WHERE user = '${account.user}' AND info LIKE 'DROP DATABASE%${swap!.old}%'`;
    const id = await waitFor('the removal', async () => (await server.query(waits)) || undefined);
    await server.query(`KILL ${id}`);
    await release();
    const result = await run.finished;
    // It removes them with another one.
    expect(result.exitCode, result.stderr).toBe(0);
    expect(withoutOthers(result.stderr)).not.toContain('warning');
    await states.expectOneOfTwo('restore --resume', result);
    expect(await unsettledJobs()).toEqual([]);
    expect(await server.query(`SHOW DATABASES LIKE '${swap!.old}'`)).toBe('');
  });

  test('while its swap waits for another session, or by KILL of connections, leaves old or new, or what one command makes so', async () => {
    // Tables with triggers are locked before they are moved.
    const withoutTriggers = `${CHANGE_SQL} DROP TRIGGER tr; DROP TRIGGER tr_extra;`;
    const database = await freshDatabase(server, { sql: SQL });
    const states = await TwoStates.of(server, database, withoutTriggers);
    const account = await newAccount(server);
    await account.grant('ALL', '*.*');
    const swapping = (): Promise<string | undefined> => swappingConnection(server, database);
    for (const { victim, step } of [
      { victim: 'its process', step: 'swapping' },
      { victim: 'the connection that swaps', step: 'swapping' },
      { victim: 'all of its connections', step: 'swapping' },
      { victim: 'all of its connections', step: 'staging' },
    ] as const) {
      await states.renew();
      const release = await holdTable(server, database, 'many_rows');
      const run = await states.restore({ env: account.env });
      expect(await comesTo(step, run)).toBe(true);
      const waiting = step === 'swapping' ? [await waitFor('the swap to wait', swapping)] : [];
      if (victim === 'its process') {
        run.signal('SIGKILL');
        await run.finished; // the server goes on with a RENAME whose client is gone: it may happen now, or never
      } else {
        const ids =
          victim === 'the connection that swaps' ? waiting : await connectionsOf(server, account.user);
        for (const id of ids) await server.query(`KILL ${id}`).catch(() => undefined); // gone by itself
      }
      await release();

      const result = await run.finished;
      if (victim !== 'its process') expect([0, 14, 20, 21], result.stderr).toContain(result.exitCode);
      if (result.exitCode !== 21 && victim !== 'its process') expect(await unsettledJobs()).toEqual([]);
      await states.expectOneOfTwo('restore --resume', result);
    }
  });
});

describeOneServer('a restore whose server is killed', (server) => {
  // Some servers come back while the run still tries to settle what it began, some later.
  test('while it stages and while it swaps leaves old or new, or what one command makes so', async () => {
    await using own = await ownServer(server);
    const database = 'crashing';
    await own.server.sql(`CREATE DATABASE ${database};`);
    await own.server.sql(SQL, database);
    const states = await TwoStates.of(own.server, database);
    for (const [step, settler, late] of [
      ['staging', 'restore --resume', true],
      ['swapping', 'create', false],
    ] as const) {
      const run = await states.restore();
      await comesTo(step, run);
      await own.kill();
      if (!late) await own.startAgain();
      const result = await run.finished;
      if (late) await own.startAgain();
      expect([0, 14, 20, 21], result.stderr).toContain(result.exitCode);
      await states.expectOneOfTwo(settler, result);
      expect(await own.server.query(String.raw`SHOW DATABASES LIKE 'dbbackup\_%'`)).toBe('');
    }
  });
});

/** Of a restore whose tables wait for their place. */
async function swappingConnection(server: TestServer, database: string): Promise<string | undefined> {
  const ids = await server.query(
    `SELECT id FROM ${server.processlist} WHERE info LIKE 'RENAME TABLE%${database}%'`,
  );
  return ids === '' ? undefined : ids;
}

async function connectionsOf(server: TestServer, user: string): Promise<readonly string[]> {
  const ids = await server.query(`SELECT id FROM ${server.processlist} WHERE user = '${user}'`);
  return ids === '' ? [] : ids.split('\n');
}
