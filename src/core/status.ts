import type { Job } from '../model/job.ts';
import type { Status } from '../model/status.ts';
import type { Runtime } from './runtime.ts';

/** What runs, what was last done, what went wrong. Needs no server. A job whose process is gone is `interrupted`. */
export async function readStatus(
  _request: { readonly directory: string },
  _runtime: Runtime,
): Promise<Status> {
  return Promise.reject(new Error('being written'));
}

/**
 * One job by its id or a unique beginning of it, with the text of its log.
 *
 * @throws {DbBackupError} `not-found`, naming recent ids.
 */
export async function readJob(
  _request: { readonly directory: string; readonly id: string },
  _runtime: Runtime,
): Promise<{ readonly job: Job; readonly log: string }> {
  return Promise.reject(new Error('being written'));
}
