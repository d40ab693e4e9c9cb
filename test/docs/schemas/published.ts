// The documents whose schemas are published. The compiler reads these types; see `publishedSchemas`.
import type { Manifest } from '../../../src/backups/record/manifest.ts';
import type { Documents, Envelope } from '../../../src/cli/documents/documents.ts';
import type { Job } from '../../../src/jobs/record/job.ts';
import type { LockRecord } from '../../../src/locks/lock-record.ts';

/** What `--json` prints. */
type Printed = { readonly [N in keyof Documents]: Envelope<N> & Documents[N] };

/** Files in the backup directory. */
interface Written {
  /** What stands beside each backup: what it holds, and the proof of it. */
  readonly manifest: Manifest;
  /** One run, in the folder `.jobs`. */
  readonly job: Omit<Job, 'unproven' | 'untrusted'>;
  /** Who works on a database. */
  readonly lock: LockRecord;
}

interface Published {
  readonly printed: Printed;
  readonly written: Written;
}

/** As the file is named, without `.json`. */
export type SchemaName = keyof Published['printed'] | keyof Published['written'];
