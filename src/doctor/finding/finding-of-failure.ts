import { DbBackupError, isCancellation } from '../../run/errors.ts';
import type { Finding, FindingCheck } from './finding.ts';

/** What is checked, for the findings about it. */
export interface Subject {
  readonly check: FindingCheck;
  readonly database?: string | undefined;
}

/**
 * An expected failure is one problem among others and does not end the examination. A lost connection concerns more
 * than one subject, and ends all checks that need it.
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
