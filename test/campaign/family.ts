import type { TestServer } from '../harness/test-server.ts';

/** The program that is put to the test. */
export interface Program {
  /** `bin/dbbackup.js`. */
  readonly entry: string;
  /** The folder of its compiled modules. */
  readonly dist: string;
}

/** What every family stands on. */
export interface TestBed {
  readonly program: Program;
  readonly server: TestServer;
  /** Where sites are made. */
  readonly folder: string;
}

/** Numbers at least 0 and below 1, the same for the same seed. */
export type Random = () => number;

export interface Trial {
  /** Which of the family's cases; the trial's number where there are none. */
  readonly title: string;
  readonly random: Random;
}

/** A family's ground, on which its trials run one after the other. */
export interface Ground extends AsyncDisposable {
  /** Of a sweep: each is one trial. */
  readonly cases?: readonly string[];
  /** Instead: these take turns, and are something else each time. With neither, trials have nothing but numbers. */
  readonly kinds?: readonly string[];
  /** @throws {Error} Anything: a promise was broken. The ground is not used again then. */
  attempt(trial: Trial): Promise<void>;
}

/** One kind of fault, and the promises that it must not break. */
export interface Family {
  /** As `--only` takes it. */
  readonly name: string;
  /** `P1, P2`: see the list of promises in RESULTS.md. */
  readonly promises: string;
  /** What is done, in the table's words. */
  readonly fault: string;
  /** How many trials, all servers together: in the test suite (0: not there), by default, and with `--long`. */
  readonly trials: { readonly brief: number; readonly usual: number; readonly long: number };
  /** `first` where the kind of server makes no difference. */
  readonly servers: 'each' | 'first';
  /** How many trials may run side by side, each on a ground of its own. */
  readonly lanes: number;
  /** Why it cannot run here; undefined: it can. */
  readonly missing?: () => string | undefined;
  prepare(bed: TestBed): Promise<Ground>;
}

/** One of them. */
export function pick<T>(random: Random, choices: readonly T[]): T {
  if (choices.length === 0) throw new Error('There is nothing to choose from.');
  return choices[upTo(random, choices.length)]!;
}

/** An integer of `0 … below - 1`. */
export function upTo(random: Random, below: number): number {
  return Math.floor(random() * below);
}
