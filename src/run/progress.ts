/** The phases of a run that take long. */
export const PHASES = ['backup', 'safety-backup', 'load'] as const;
export type Phase = (typeof PHASES)[number];

/** What a long operation tells while it runs. Core emits these; the command line renders them. */
export type ProgressEvent =
  | {
      readonly kind: 'step';
      readonly message: string;
      /** The run waits for another session: to be reported immediately, also in a log. */
      readonly waits?: true;
      readonly phase?: Phase;
    }
  | {
      readonly kind: 'bytes';
      readonly doneBytes: number;
      /** An estimate; absent when nothing is known. `doneBytes` may overshoot it. */
      readonly totalBytes: number | undefined;
    }
  /** All quick checks have passed, and the lock is held. */
  | { readonly kind: 'accepted'; readonly job: string; readonly directory: string }
  | { readonly kind: 'warning'; readonly message: string }
  | { readonly kind: 'detail'; readonly message: string };

export type OnProgress = (event: ProgressEvent) => void;
