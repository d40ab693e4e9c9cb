import type { Reporter, TestModule, Vitest } from 'vitest/node';

const SHOWN = 10;

/** Says at the end of a run where its time went, so that the suite does not become slow unseen. */
export class SlowestFiles implements Reporter {
  #vitest: Vitest | undefined;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    if (modules.length <= SHOWN) return;
    const slowest = modules
      .map((module) => ({ name: module.relativeModuleId, seconds: module.diagnostic().duration / 1000 }))
      .sort((one, other) => other.seconds - one.seconds)
      .slice(0, SHOWN);
    const lines = slowest.map(({ name, seconds }) => `${seconds.toFixed(1).padStart(8)} s  ${name}`);
    this.#vitest?.logger.log(`\n The ${SHOWN} slowest files\n${lines.join('\n')}\n`);
  }
}
