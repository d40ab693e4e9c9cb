import type { Finding } from '../../doctor/finding/finding.ts';
import type { Health } from '../../health/check-health.ts';
import type { Job } from '../../jobs/record/job.ts';
import type { Status } from '../../jobs/record/status.ts';
import type { CommandName } from '../../settings/table/setting.ts';
import type { Shell } from '../completion/value-kind.ts';
import type { Schedule } from '../schedule/schedule.ts';
import type {
  CreateDocument,
  DiffDocument,
  ExtractDocument,
  ListDocument,
  PinDocument,
  PruneDocument,
  ShowDocument,
  VerifyDocument,
} from './backup-documents.ts';
import type { Failure } from './parts.ts';
import type { RestoreDocument, UndoDocument } from './restore-documents.ts';

/**
 * What each document that `--json` prints says behind `schema`, `ok` and `exitCode`. Fields are only ever added to one.
 * The published schemas are made of these types and their docstrings (`npm run docs`).
 */
export interface Documents extends Readonly<Record<CommandName, object>> {
  /** Backups that were made or would be, or the jobs that make them. */
  readonly create: CreateDocument;
  /** What was restored or would be, or the job that does it. */
  readonly restore: RestoreDocument;
  /** What an undo brought back or would bring back. */
  readonly undo: UndoDocument;
  /** The backups of a backup directory. */
  readonly list: ListDocument;
  /** A backup: its manifest, and what is known of its file. */
  readonly show: ShowDocument;
  /** What changed between two backups. */
  readonly diff: DiffDocument;
  /** SQL of a backup that was written into a file. */
  readonly extract: ExtractDocument;
  /** What runs, what was done last, and what went wrong; or one job. */
  readonly status: Status | JobDocument;
  /** What came of reading backups to their end. */
  readonly verify: VerifyDocument;
  /** Findings about the setup. */
  readonly doctor: DoctorDocument;
  /** Whether each database is backed up lately, wholly, and as proven as asked for. */
  readonly health: Health;
  /** Which backups stay and why, and which are gone or would be. */
  readonly prune: PruneDocument;
  /** A backup that is pinned now, or no longer. */
  readonly pin: PinDocument;
  /** What has a shell complete command lines. */
  readonly completion: CompletionDocument;
  /** What any command prints that failed as a whole. */
  readonly error: ErrorDocument;
  /** What `--help` prints. */
  readonly help: HelpDocument;
  /** What `--version` prints. */
  readonly version: VersionDocument;
}

export type DocumentName = keyof Documents;

/** With what every document begins. */
export interface Envelope<N extends DocumentName> {
  /** Name and version of the document. */
  readonly schema: `dbbackup/${N}/1`;
  /** Whether everything that was asked is done, and nothing wrong was found. */
  readonly ok: boolean;
  /** With which the program ended; only if not `ok`. */
  readonly exitCode?: number;
}

/** `status <job>`. */
interface JobDocument {
  readonly job: Job;
  /** The text of its log. */
  readonly log: string;
}

interface DoctorDocument {
  readonly findings: readonly Finding[];
  /** What has this done every night. */
  readonly schedule: Schedule;
}

interface CompletionDocument {
  readonly shell: Shell;
  /** What the shell is to read. */
  readonly script: string;
}

interface ErrorDocument {
  readonly error: Failure;
}

interface HelpDocument {
  readonly help: string;
}

interface VersionDocument {
  readonly version: string;
}
