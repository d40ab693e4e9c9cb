import type { DetachedParent } from '../process/detached-messages.ts';
import type { Voice } from '../voices/voice.ts';

/** In a detached run: the job's file and log tell all; only until it is accepted somebody listens to warnings. */
export function detachedVoice(parent: DetachedParent): Voice {
  return {
    begin: () => undefined,
    onProgress: (event) => {
      if (event.kind === 'warning' || event.kind === 'accepted') parent.tell(event);
    },
    note: () => undefined,
    succeed: () => undefined,
    rest: () => undefined,
    resume: () => undefined,
  };
}
