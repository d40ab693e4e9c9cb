import type { Backup } from '../backups/record/backup.ts';
import type { DumpReport } from '../sql/dump-report.ts';
import type { Rehearsal } from '../backups/record/manifest.ts';
import { countObjects, isEmpty } from '../sql/definitions/object-names.ts';
import type { ObjectNames } from '../sql/definitions/object-names.ts';

/** What is known of a backup after reading it to its end, as text to show. */
export interface Proof {
  readonly proved: readonly string[];
  readonly notProved: readonly string[];
}

/** What one full read without problems has proven, with or without a rehearsal, and what it cannot prove. */
export function proofOf(
  { manifest, compression }: Backup,
  findings: DumpReport,
  rehearsal: Rehearsal | undefined,
): Proof {
  const { complete, inventory, statements } = findings;
  return {
    proved: [
      ...(manifest === undefined ? [] : ['the sha256 of the file matches the manifest']),
      ...(compression === 'none' ? [] : ['the file decompresses to its end']),
      ...(complete ? ["the final '-- Dump completed' line is present"] : []),
      ...(manifest === undefined ? [] : [tablesMatch(manifest.tables.length)]),
      `no statement reaches outside of one database (${statements} checked)`,
      ...(rehearsal === undefined ? [] : [rehearsed(rehearsal, inventory)]),
    ],
    notProved: [
      ...(manifest === undefined ? ['whether it is what was once written: there is no manifest'] : []),
      ...(complete ? [] : ['whether it is complete: there is no end line']),
      ...(manifest === undefined && isEmpty(inventory)
        ? ['whether it is of any use: it creates no tables']
        : []),
      rehearsal === undefined
        ? 'whether a server accepts it: --rehearse'
        : 'whether each value arrived unchanged: only rows were counted',
    ],
  };
}

function tablesMatch(count: number): string {
  return count === 1
    ? 'the only table of the manifest is present, with the matching size'
    : `all ${count} tables of the manifest are present, with matching sizes`;
}

function rehearsed({ server, rows = 0 }: Rehearsal, inventory: ObjectNames): string {
  const holds = countObjects(inventory) || 'no table';
  return `${server.flavour} ${server.version} accepts it: it then has ${holds} and ${rows} rows, like the dump`;
}
