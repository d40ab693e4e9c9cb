import { defineConfig } from 'vitest/config';
import { LongFilesFirst } from './test/harness/long-files-first.ts';
import { SlowestFiles } from './test/harness/slowest-files.ts';

/** Where `.ci/run` wants the result as JSON, beside what is printed. */
const report = process.env['DBBACKUP_TEST_REPORT'];

export default defineConfig({
  test: {
    restoreMocks: true,
    unstubEnvs: true,
    pool: 'forks',
    maxWorkers: 6, // three for each core of a small machine: integration tests wait for most of their time
    sequence: { sequencer: LongFilesFirst },
    reporters: [
      'default',
      new SlowestFiles(),
      ...(report === undefined ? [] : [['json', { outputFile: report }] as ['json', object]]),
    ],
    coverage: {
      provider: 'v8',
      include: ['src/**'],
      // Only what runs inside the tests is counted, not the built program that most integration tests start: so the
      // whole has a lower bar than what unit tests can reach. Raised, never lowered.
      thresholds: {
        lines: 78,
        functions: 76,
        branches: 78,
        'src/sql/**': { lines: 99, functions: 99, branches: 90 },
        'src/{cli/render,cli/progress,settings/values}/**': { lines: 98, functions: 97, branches: 88 },
      },
    },
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: ['test/unit/**/*.test.ts'], isolate: false, testTimeout: 60_000 },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          isolate: false,
          globalSetup: ['test/harness/global-setup.ts'],
          setupFiles: ['test/harness/leak-guard.ts'],
          server: { deps: { external: [/\/dist\//] } }, // the program is run as it was built
          // Six workers on two cores: what takes twenty seconds here may take a minute elsewhere.
          testTimeout: 180_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
