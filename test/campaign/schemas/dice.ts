import type { Random } from '../family.ts';
import { pick, upTo } from '../family.ts';

/** Choices that come from a seeded random, in the words that a generator needs. */
export class Dice {
  readonly random: Random;

  constructor(random: Random) {
    this.random = random;
  }

  /** True as often as `share` of 1 says. */
  chance(share: number): boolean {
    return this.random() < share;
  }

  /** An integer from `least` to `most`. */
  between(least: number, most: number): number {
    return least + upTo(this.random, most - least + 1);
  }

  pick<T>(choices: readonly T[]): T {
    return pick(this.random, choices);
  }

  /** One of several things that are made only when they are chosen. */
  make<T>(makers: readonly (() => T)[]): T {
    return this.pick(makers)();
  }

  /** `make`, from `least` to `most` times. */
  several<T>(least: number, most: number, make: (index: number) => T): readonly T[] {
    return Array.from({ length: this.between(least, most) }, (_, index) => make(index));
  }

  /** The text as often as `share` says, otherwise nothing. */
  maybe(share: number, make: () => string): string {
    return this.chance(share) ? make() : '';
  }

  shuffled<T>(all: readonly T[]): readonly T[] {
    const left = [...all];
    return all.flatMap(() => left.splice(upTo(this.random, left.length), 1));
  }
}
