import { BaseSequencer } from 'vitest/node';
import type { TestSpecification } from 'vitest/node';

/** Short files of tests that take long. */
const LONG = [
  'campaign/campaign',
  'create/changing-definitions',
  'create/odd-database-names',
  'round-trip/round-trip',
  'round-trip/foreign-languages',
  'server/login-plugins',
  'server/locked-elsewhere',
  'cli/packed-program',
  'restore/load/stored-objects',
  'restore/load/server-limits',
  'create/broken-objects',
].map((name) => `/test/integration/${name}.test.ts`);

/**
 * Where no earlier run has left its durations, Vitest starts the largest files first: a short one that takes a minute
 * would start last, and run alone at the end, on one of the cores.
 */
export class LongFilesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification): boolean => LONG.some((path) => moduleId.endsWith(path));
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}
