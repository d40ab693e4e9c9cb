import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { manifestPathOf } from '../../src/backups/record/manifest-file.ts';
import type { Manifest } from '../../src/backups/record/manifest.ts';
import type { ProgramResult } from '../harness/running-program.ts';
import { pick } from './family.ts';
import type { Random, TestBed } from './family.ts';
import { expectDocumentedEnd, expectNothingLeft, expectWholeBackups } from './invariants.ts';
import { Site } from './site.ts';

/** Nights whose backups prune removes, with what is older than they and pinned. */
const NIGHTS = ['01', '02', '03', '04', '05', '06'];
const PINNED = '01';
const KEPT = 2;

/** A site with a real backup and copies of it from nights before, of which prune removes some. */
export class PrunedSite implements AsyncDisposable {
  static readonly args = ['prune', '--keep-last', String(KEPT)] as const;
  readonly site: Site;
  readonly #folder: string;
  readonly #file: Buffer;
  readonly #manifest: Manifest;
  /** What was there before the run. */
  #before: readonly string[] = [];

  private constructor(site: Site, folder: string, file: Buffer, manifest: Manifest) {
    this.site = site;
    this.#folder = folder;
    this.#file = file;
    this.#manifest = manifest;
  }

  static async open(bed: TestBed): Promise<PrunedSite> {
    const site = await Site.open(
      bed,
      'CREATE TABLE t (id INT PRIMARY KEY) ENGINE = InnoDB; INSERT INTO t VALUES (1);',
    );
    const path = await site.create();
    const manifest = JSON.parse(await readFile(manifestPathOf(path), 'utf8')) as Manifest;
    const pruned = new PrunedSite(site, dirname(path), await readFile(path), manifest);
    await pruned.fill();
    await expectWholeBackups(site);
    return pruned;
  }

  /** Puts the backups there that earlier runs have removed. */
  async fill(): Promise<void> {
    for (const night of NIGHTS) {
      const path = this.#pathOf(night);
      if (existsSync(path)) continue;
      const startedAt = `2026-01-${night}T03:00:00.000Z`;
      const pin = night === PINNED ? { at: startedAt } : undefined;
      const file = { ...this.#manifest.file, name: basename(path) };
      const manifest = { ...this.#manifest, name: basename(path, '.sql.gz'), startedAt, pin, file };
      await writeFile(manifestPathOf(path), JSON.stringify(manifest));
      await writeFile(path, this.#file);
    }
    this.#before = this.#visible();
  }

  #pathOf(night: string): string {
    return join(this.#folder, `manual_2026-01-${night}_03-00-00.sql.gz`);
  }

  /**
   * However a prune ended: each backup is whole or gone, none of those that must stay is gone, and the next run ends what
   * was begun.
   */
  async settle(random: Random, result: ProgramResult): Promise<void> {
    const { site } = this;
    if (result.signal === undefined) expectDocumentedEnd(result);
    await this.#expectWholeOrGone();
    const [next, ...args] = pick(random, [PrunedSite.args, ['create', site.database]] as const);
    await site.succeeds([next, ...args]);
    await this.#expectWholeOrGone();
    await expectNothingLeft(site);
    await site.succeeds(PrunedSite.args);
    await this.#expectWholeOrGone();
    await expectNothingLeft(site);
    assert.equal(this.#visible().length, KEPT + 1, 'the newest and the pinned one are left');
  }

  async #expectWholeOrGone(): Promise<void> {
    const { site } = this;
    const visible = this.#visible();
    for (const path of site.seen.keys())
      if (!visible.includes(path.replace(/\.json$/, '.sql.gz'))) site.seen.delete(path);
    await expectWholeBackups(site);
    const newest = [...new Set([...this.#before, ...visible])].sort().slice(-KEPT);
    const stay = [...newest, this.#pathOf(PINNED)];
    assert.deepEqual(
      stay.filter((path) => !visible.includes(path)),
      [],
      'nothing is gone that must stay',
    );
  }

  #visible(): readonly string[] {
    return readdirSync(this.#folder)
      .filter((name) => /^[^.].*\.sql\.gz$/.test(name))
      .sort()
      .map((name) => join(this.#folder, name));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.site[Symbol.asyncDispose]();
  }
}
