import { DbBackupError, isCancellation } from '../../run/errors.ts';
import type { Finding, FindingCheck } from './finding.ts';

/** What is looked at, for the findings about it. */
export interface Subject {
  readonly check: FindingCheck;
  readonly database?: string | undefined;
}

/**
 * An expected failure is what a doctor is asked for: a problem among the others, and no end of the examination. A lost
 * connection is no matter of one subject, and ends all that needs it.
 */
export async function orProblem(
  subject: Subject,
  examine: () => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  try {
    return await examine();
  } catch (error) {
    if (!(error instanceof DbBackupError)) throw error;
    if (error.code === 'unreachable' && subject.check !== 'connection') throw error;
    if (isCancellation(error)) throw error;
    return [problemOf(subject, error)];
  }
}

export function problemOf(subject: Subject, { message, hint }: DbBackupError): Finding {
  return { level: 'problem', ...subject, message, fix: hint === undefined ? [] : [hint] };
}
