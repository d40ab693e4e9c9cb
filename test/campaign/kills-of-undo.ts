import assert from 'node:assert/strict';
import { CHANGE_SQL, EVERYTHING_SQL } from '../fixtures/two-states.ts';
import type { ProgramResult } from '../harness/running-program.ts';
import { keepingJobsIn, unsettledJobsIn } from '../harness/swap-journal.ts';
import { pick } from './family.ts';
import type { Family, Random, TestBed } from './family.ts';
import { expectDocumentedEnd, expectNothingLeft, expectWholeBackups, thinOut } from './invariants.ts';
import { moment } from './kills-of-restore.ts';
import { Site } from './site.ts';

export const killsOfUndo: Family = {
  name: 'kills-undo',
  promises: 'P7, P2',
  fault:
    'kill -9 of dbbackup or its group at a random moment of an undo of kept tables, half of them in the swap',
  trials: { brief: 0, usual: 45, long: 300 },
  servers: 'each',
  lanes: 2,
  async prepare(bed) {
    const states = await KeptStates.open(bed);
    const startedAt = Date.now();
    await states.settle(() => 0, await (await states.undo()).finished);
    const typicalMs = Date.now() - startedAt;
    return {
      async attempt({ random }) {
        const run = await states.undo();
        await moment(states, run, random, typicalMs);
        if (random() < 0.3) run.signalGroup('SIGKILL');
        else run.signal('SIGKILL');
        await states.settle(random, await run.finished);
      },
      [Symbol.asyncDispose]: () => states[Symbol.asyncDispose](),
    };
  },
};

/** A site whose database is in one of two states, while the tables of the other are kept: each undo swaps them. */
class KeptStates implements AsyncDisposable {
  readonly site: Site;
  /** The one that it is in comes first. */
  #dumps: readonly [Buffer, Buffer];

  private constructor(site: Site, dumps: readonly [Buffer, Buffer]) {
    this.site = site;
    this.#dumps = dumps;
  }

  static async open(bed: TestBed): Promise<KeptStates> {
    const site = await Site.open(bed, EVERYTHING_SQL, { contentChanges: true });
    const { server, database } = site;
    const backup = await site.create();
    const first = await server.dump(database);
    await server.sql(CHANGE_SQL, database);
    const second = await server.dump(database);
    await site.succeeds(['restore', backup, '--confirm', database, '--keep-old', '--no-safety-backup']);
    return new KeptStates(site, [first, second]);
  }

  undo(): ReturnType<Site['start']> {
    return this.site.start(['undo', this.#keeping(), '--confirm', this.site.database]);
  }

  /** The one job whose previous tables are kept. */
  #keeping(): string {
    const [job, ...others] = keepingJobsIn(this.site.backups);
    assert(job !== undefined, 'tables are kept');
    assert.deepEqual(others, [], 'those of one job');
    return job.id;
  }

  /**
   * However the undo ended: the database is in one of the states, or `status` says what makes it so, and that does; and
   * the other state is kept.
   */
  async settle(random: Random, result: ProgramResult): Promise<void> {
    const { site } = this;
    if (result.signal === undefined) expectDocumentedEnd(result);
    const [job, ...others] = unsettledJobsIn(site.backups);
    assert.deepEqual(others, [], 'one undo at a time is unfinished');
    if (job?.swap?.step === 'staging') assert.equal(await this.#which(), 'old');
    if (job?.swap?.step === 'clearing') assert.equal(await this.#which(), 'new');
    if (job !== undefined) {
      const { stdout } = await site.succeeds(['status', job.id]);
      assert(
        stdout.includes(`dbbackup restore --resume ${job.id}`),
        `status says what finishes it: ${stdout}`,
      );
      if (pick(random, ['create', 'restore --resume']) === 'restore --resume')
        await site.succeeds(['restore', '--resume', job.id]);
    }
    await site.create();
    const which = await this.#which();
    if (result.exitCode === 0) assert.equal(which, 'new', 'it ended with success');
    if (result.exitCode === 20) assert.equal(which, 'old', 'it said that the target is unchanged');
    await expectNothingLeft(site, { keeping: this.#keeping() });
    await expectWholeBackups(site);
    thinOut(site);
    if (which === 'new') this.#dumps = [this.#dumps[1], this.#dumps[0]];
  }

  async #which(): Promise<'old' | 'new'> {
    const { server, database } = this.site;
    const dump = await server.dump(database);
    if (dump.equals(this.#dumps[1])) return 'new';
    assert(dump.equals(this.#dumps[0]), `${database} is neither old nor new`);
    return 'old';
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { backups, server } = this.site;
    for (const { id } of keepingJobsIn(backups))
      await server.sql(`DROP DATABASE IF EXISTS dbbackup_old_${id};`);
    await this.site[Symbol.asyncDispose]();
  }
}
