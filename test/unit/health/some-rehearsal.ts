import type { Rehearsal } from '../../../src/backups/record/manifest.ts';
import { before } from './some-history.ts';

/** One that began that long before NOW. */
export function someRehearsal(ageMs: number, changes: Partial<Rehearsal> = {}): Rehearsal {
  return {
    ...{ at: before(ageMs), job: 'rh3', durationMs: 1000, ok: true, tables: 2 },
    server: { flavour: 'mariadb', version: '10.11.19' },
    ...changes,
  };
}
