import type { DetachedParent } from '../process/detached-messages.ts';
import type { ProgressReporter } from '../progress/progress-reporter.ts';

/** In a detached run: everything is in the job's file and log. Warnings are read only until the job is accepted. */
export function detachedReporter(parent: DetachedParent): ProgressReporter {
  return {
    begin: () => undefined,
    onProgress: (event) => {
      if (event.kind === 'warning' || event.kind === 'accepted') parent.tell(event);
    },
    note: () => undefined,
    succeed: () => undefined,
    pause: () => undefined,
    resume: () => undefined,
  };
}
