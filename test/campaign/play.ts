import { createHash } from 'node:crypto';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomNumbers } from '../harness/random.ts';
import { upTo } from './family.ts';
import type { Family, Ground, Random, TestBed } from './family.ts';

export interface PlayOptions {
  readonly seed: number;
  /** How many trials at most; a sweep that has fewer cases makes as many as it has. */
  readonly trials: number;
  /** This one alone. */
  readonly trial?: number | undefined;
  readonly report: (line: string) => void;
}

export interface Outcome {
  readonly trials: number;
  readonly failures: readonly Failure[];
  readonly durationMs: number;
}

export interface Failure {
  readonly trial: number;
  readonly title: string;
  readonly reason: string;
  /** Where what was left of it is kept. */
  readonly folder: string;
}

/** After so many a family is known to be broken, and its other trials are not made. */
const ENOUGH_FAILURES = 5;

/** Runs a family's trials on one server. Which cases, and all that is random in them, comes from the seed. */
export async function play(family: Family, bed: TestBed, options: PlayOptions): Promise<Outcome> {
  const startedAt = Date.now();
  const failures: Failure[] = [];
  let done = 0;
  await using first = new Lane(family, bed);
  const titles = titlesOf(await first.ground(), options.trials, trialRandom(options.seed, -1));
  const waiting = titles
    .map((title, trial) => ({ title, trial }))
    .filter(({ trial }) => options.trial === undefined || options.trial === trial);

  const work = async (lane: Lane): Promise<void> => {
    for (;;) {
      if (failures.length >= ENOUGH_FAILURES) return;
      const next = waiting.shift();
      if (next === undefined) return;
      const ground = await lane.ground();
      try {
        await ground.attempt({ title: next.title, random: trialRandom(options.seed, next.trial) });
      } catch (error) {
        const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
        const folder = await lane.giveUp(`trial ${next.trial}: ${next.title}\n\n${reason}\n`);
        failures.push({ ...next, reason, folder });
        options.report(`trial ${next.trial} (${next.title}) failed; see ${folder}\n${reason}`);
      }
      done += 1;
    }
  };
  const workBeside = async (): Promise<void> => {
    await using lane = new Lane(family, bed);
    await work(lane);
  };
  const beside = Math.min(family.lanes, waiting.length) - 1;
  await Promise.all([work(first), ...Array.from({ length: Math.max(0, beside) }, workBeside)]);
  return { trials: done, failures, durationMs: Date.now() - startedAt };
}

/** One ground after the other: one on which a trial has failed is not used again. */
class Lane implements AsyncDisposable {
  readonly #family: Family;
  readonly #bed: TestBed;
  #folder: string | undefined;
  #ground: Ground | undefined;

  constructor(family: Family, bed: TestBed) {
    this.#family = family;
    this.#bed = bed;
  }

  async ground(): Promise<Ground> {
    this.#folder ??= await mkdtemp(join(this.#bed.folder, `${this.#family.name}-`));
    this.#ground ??= await this.#family.prepare({ ...this.#bed, folder: this.#folder });
    return this.#ground;
  }

  /** @returns where the ground's folder is kept. */
  async giveUp(reason: string): Promise<string> {
    const kept = await mkdtemp(join(tmpdir(), `dbbackup-campaign-${this.#family.name}-`));
    if (this.#folder !== undefined) await cp(this.#folder, kept, { recursive: true }).catch(() => undefined); // it may hold sockets, or be what broke
    await writeFile(join(kept, 'FAILURE'), reason);
    await this[Symbol.asyncDispose]();
    return kept;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#ground?.[Symbol.asyncDispose]();
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true });
    this.#ground = undefined;
    this.#folder = undefined;
  }
}

/** Every trial has numbers of its own, so that it can be made again without those before it. */
function trialRandom(seed: number, trial: number): Random {
  return randomNumbers(createHash('sha256').update(`${seed}/${trial}`).digest().readUInt32LE());
}

function titlesOf({ cases, kinds }: Ground, count: number, random: Random): readonly string[] {
  if (cases === undefined) {
    const inTurn = kinds === undefined ? undefined : shuffled(kinds, random);
    return Array.from({ length: count }, (_, n) => inTurn?.[n % inTurn.length] ?? String(n));
  }
  return cases.length <= count ? cases : shuffled(cases, random).slice(0, count);
}

function shuffled<T>(all: readonly T[], random: Random): readonly T[] {
  const left = [...all];
  return all.flatMap(() => left.splice(upTo(random, left.length), 1));
}
