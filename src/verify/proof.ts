import type { Backup } from '../backups/record/backup.ts';
import type { DumpReport } from '../sql/dump-report.ts';
import type { Rehearsal } from '../backups/record/manifest.ts';
import { countObjects, isEmpty } from '../sql/definitions/object-names.ts';
import type { ObjectNames } from '../sql/definitions/object-names.ts';

/** What is known of a backup after it was read to its end: sentences to be shown. */
export interface Proof {
  readonly proved: readonly string[];
  readonly notProved: readonly string[];
}

/** What one full read that found nothing wrong has proved, with or without a rehearsal, and what that cannot. */
export function proofOf(
  { manifest, compression }: Backup,
  findings: DumpReport,
  rehearsal: Rehearsal | undefined,
): Proof {
  const { complete, inventory, statements } = findings;
  return {
    proved: [
      ...(manifest === undefined ? [] : ['every byte is as it was written (sha256)']),
      ...(compression === 'none' ? [] : ['it decompresses to its end']),
      ...(complete ? ["the dump tool's end line is there"] : []),
      ...(manifest === undefined
        ? []
        : [
            `it holds the tables of its manifest, each as long as it was written (${manifest.tables.length})`,
          ]),
      `none of its statements reaches outside of one database (${statements})`,
      ...(rehearsal === undefined ? [] : [rehearsed(rehearsal, inventory)]),
    ],
    notProved: [
      ...(manifest === undefined ? ['that it is what was once written: it has no manifest'] : []),
      ...(complete ? [] : ['that it is whole: it has no end line']),
      ...(manifest === undefined && isEmpty(inventory) ? ['that it is of use: it makes no table'] : []),
      rehearsal === undefined
        ? 'that a server takes it: --rehearse'
        : 'that each value arrived as the dump has it: rows were counted',
    ],
  };
}

function rehearsed({ server, rows = 0 }: Rehearsal, inventory: ObjectNames): string {
  const holds = countObjects(inventory) || 'no table';
  return `${server.flavour} ${server.version} takes it: it then has ${holds} and ${rows} rows, as the dump`;
}
