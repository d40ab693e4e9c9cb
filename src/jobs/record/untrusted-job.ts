import { jobFilePath } from '../../backups/directory/layout.ts';
import { commandAs, distrustText, type Ownership, whyNotTrusted } from '../../files/ownership.ts';
import { furtherCommand } from '../../run/further-command.ts';
import { scratchSchemas } from '../../run/scratch-names.ts';
import { shellWord } from '../../run/shell-command.ts';
import { isInterruptedSwap, type Job, type Untrusted } from './job.ts';

/**
 * A job as its file tells it. Of a file that somebody else may have written nothing remains that anybody would do or
 * type: no command, no grant, and only the schemas that a job of that id has.
 *
 * @param userId Who runs.
 */
export function asFarAsTrusted(job: Job, { ownerId, mode }: Ownership, userId: number): Job {
  const why = whyNotTrusted({ ownerId, mode }, userId);
  if (why === undefined) return { ...job, untrusted: undefined };
  const { id, swap, kept, replacing, result, error } = job;
  return {
    ...job,
    untrusted: { why, ownerId, mayKeep: kept && true },
    loadAccount: undefined,
    kept: undefined,
    swap: swap && {
      ...swap,
      ...scratchSchemas(id),
      ...{ returnCommand: undefined, resumeCommand: undefined, safety: undefined, undoes: undefined },
    },
    replacing: replacing && { tables: replacing.tables },
    result: result && { ...result, undoCommand: undefined, undoSql: undefined, wayBack: undefined },
    error: error && { ...error, hint: undefined },
  };
}

/** `/backups/.jobs/hw3snywf.json belongs to nobody` */
export function untrustedText({ id }: Job, { why, ownerId }: Untrusted, directory: string): string {
  return `${jobFilePath(directory, id)} ${distrustText(why, ownerId)}`;
}

/** What to do about what such a job has left; the command is on a line of its own. */
export function wayOutOfUntrusted(
  job: Job,
  { why, ownerId }: Untrusted,
  directory: string,
  program?: string,
): string {
  if (why === 'mode')
    return `If you know that nobody has changed it:\nchmod go-w ${shellWord(jobFilePath(directory, job.id))}`;
  return isInterruptedSwap(job)
    ? `To complete it or roll it back as that user:\n${commandAs(ownerId, furtherCommand(directory, 'restore', [], ['--resume', job.id], program))}`
    : `To see as that user what helps:\n${commandAs(ownerId, furtherCommand(directory, 'status', [job.id], [], program))}`;
}
