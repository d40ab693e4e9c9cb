import assert from 'node:assert/strict';
import { CHANGE_SQL, EVERYTHING_SQL } from '../fixtures/two-states.ts';
import type { ProgramResult, RunningProgram } from '../harness/running-program.ts';
import { unsettledJobsIn } from '../harness/swap-journal.ts';
import { pick } from './family.ts';
import type { Random, TestBed } from './family.ts';
import { expectDocumentedEnd, expectNothingLeft, thinOut, expectWholeBackups } from './invariants.ts';
import { Site } from './site.ts';

/** A state of a database, and the backup that brings it back. */
interface State {
  readonly dump: Buffer;
  readonly backup: string;
}

/** What status says of an interrupted restore. */
const TOLD = /^left .* (is unchanged|has its old tables|has the backup's tables|is restored)/m;

/** A site whose database is in one of two states; each restore tries to bring it to the other. */
export class TwoStates implements AsyncDisposable {
  readonly site: Site;
  /** The one that it is in comes first. */
  #states: readonly [State, State];

  private constructor(site: Site, states: readonly [State, State]) {
    this.site = site;
    this.#states = states;
  }

  static async open(bed: TestBed): Promise<TwoStates> {
    const site = await Site.open(bed, EVERYTHING_SQL, { contentChanges: true });
    const state = async (label: string): Promise<State> => ({
      backup: await site.create('--label', label),
      dump: await site.server.dump(site.database),
    });
    const other = await state('first');
    await site.server.sql(CHANGE_SQL, site.database);
    return new TwoStates(site, [await state('second'), other]);
  }

  /** Milliseconds of a restore that nothing disturbs. */
  async typicalMs(random: Random): Promise<number> {
    const startedAt = Date.now();
    await this.settle(random, await (await this.restore([])).finished);
    return Date.now() - startedAt;
  }

  get backupToRestore(): string {
    return this.#states[1].backup;
  }

  /** Begins a restore of the other state. */
  restore(args: readonly string[], options: Parameters<Site['start']>[1] = {}): Promise<RunningProgram> {
    const command = ['restore', this.backupToRestore, '--confirm', this.site.database, ...args];
    return this.site.start(command, options);
  }

  /**
   * However the restore ended: the database is in one of the states, or `status` says in which state it is and what
   * finishes it, and that does.
   *
   * @throws {AssertionError} When it is neither old nor new, or not what was told.
   */
  async settle(random: Random, result: ProgramResult): Promise<void> {
    const { site } = this;
    if (result.signal === undefined) expectDocumentedEnd(result);
    const [job, ...others] = unsettledJobsIn(site.backups);
    assert.deepEqual(others, [], 'one restore at a time is unfinished');
    if (job?.swap?.step === 'staging')
      await this.#expectState(0, result, 'the journal says that nothing was swapped');
    if (job?.swap?.step === 'clearing')
      await this.#expectState(1, result, 'the journal says that it was swapped');
    if (job === undefined && result.exitCode !== 0) await this.#expectEither(result);
    if (job !== undefined) {
      const { stdout } = await site.succeeds(['status', job.id]);
      assert.match(stdout, TOLD, 'status says in which state the target is');
      assert(
        stdout.includes(`dbbackup restore --resume ${job.id}`),
        `status says what finishes it: ${stdout}`,
      );
      if (result.signal === 'SIGKILL') assert.match(stdout, /interrupted/);
    }
    const settler = pick(random, ['create', 'restore --resume']);
    if (job !== undefined && settler === 'restore --resume')
      await site.succeeds(['restore', '--resume', job.id]);
    await site.create();
    const which = await this.#expectEither(result);
    if (result.exitCode === 0) assert.equal(which, 'new', 'it ended with success');
    if (result.exitCode === 20) assert.equal(which, 'old', 'it said that the target is unchanged');
    await expectNothingLeft(site);
    await expectWholeBackups(site);
    thinOut(
      site,
      this.#states.map(({ backup }) => backup),
    );
    if (which === 'new') this.#states = [this.#states[1], this.#states[0]];
  }

  async #expectEither(result: ProgramResult): Promise<'old' | 'new'> {
    const dump = await this.site.server.dump(this.site.database);
    if (dump.equals(this.#states[1].dump)) return 'new';
    await this.#expectState(0, result, 'it is not new either');
    return 'old';
  }

  async #expectState(which: 0 | 1, { stderr }: ProgramResult, why: string): Promise<void> {
    const { server, database } = this.site;
    const dump = await server.dump(database);
    if (dump.equals(this.#states[which].dump)) return;
    const wanted = which === 0 ? 'old' : 'new';
    throw new assert.AssertionError({
      message: `${database} is not ${wanted}, but ${why}.\nThe restore said: ${stderr}`,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.site[Symbol.asyncDispose]();
  }
}
