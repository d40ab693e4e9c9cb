import { median } from './measure.ts';
import type { Cost } from './measure.ts';

/** One way to do the work that is measured. */
export interface Contender {
  readonly name: string;
  /** Not measured: brings everything into the state that `run` starts from. */
  readonly prepare?: () => Promise<void>;
  readonly run: () => Promise<Cost>;
  /** The size of what was made, in bytes; asked after each run. */
  readonly sizeBytes?: () => Promise<number>;
}

export interface Result {
  readonly name: string;
  /** undefined when it failed; the reason has been printed. */
  readonly cost: Cost | undefined;
  readonly sizeBytes: number | undefined;
}

/**
 * Runs all contenders in turn, several rounds, so that what the machine does beside it meets them alike.
 * One that fails is out; the others go on.
 */
export async function contest(
  contenders: readonly Contender[],
  rounds: number,
): Promise<Map<string, Result>> {
  const costs = new Map<string, Cost[]>(contenders.map(({ name }) => [name, []]));
  const sizes = new Map<string, number>();
  const failed = new Set<string>();
  for (let round = 1; round <= rounds; round += 1) {
    for (const { name, prepare, run, sizeBytes } of contenders) {
      if (failed.has(name)) continue;
      try {
        await prepare?.();
        const cost = await run();
        costs.get(name)?.push(cost);
        if (sizeBytes !== undefined) sizes.set(name, await sizeBytes());
        console.error(
          `  round ${round}: ${name} ${cost.seconds.toFixed(2)} s, CPU ${cost.cpuSeconds.toFixed(1)}, server ${cost.serverCpuSeconds.toFixed(1)}, others ${cost.othersCpuSeconds.toFixed(1)}`,
        );
      } catch (error) {
        failed.add(name);
        console.error(`  ${name} failed: ${(error as Error).message.slice(0, 1000)}`);
      }
    }
  }
  const results = new Map<string, Result>();
  for (const { name } of contenders) {
    const measured = costs.get(name) ?? [];
    const isOut = failed.has(name) || measured.length === 0;
    results.set(name, {
      name,
      cost: isOut ? undefined : median(measured),
      sizeBytes: isOut ? undefined : sizes.get(name),
    });
  }
  return results;
}
