/** What a run is about as a whole, of the steps that take long. */
export const PHASES = ['backup', 'safety-backup', 'load'] as const;
export type Phase = (typeof PHASES)[number];

/** What a long operation tells while it runs. Core emits these; the command line renders them. */
export type ProgressEvent =
  | {
      readonly kind: 'step';
      readonly message: string;
      /** Nothing goes on until somebody else is done: to be told at once, also in a log. */
      readonly waits?: true;
      readonly phase?: Phase;
    }
  | {
      readonly kind: 'bytes';
      readonly doneBytes: number;
      /** An estimate; absent when nothing is known. `doneBytes` may overshoot it. */
      readonly totalBytes: number | undefined;
    }
  /** All that can be checked at once is checked, and the lock is held. */
  | { readonly kind: 'accepted'; readonly job: string; readonly directory: string }
  | { readonly kind: 'warning'; readonly message: string }
  | { readonly kind: 'detail'; readonly message: string };

export type OnProgress = (event: ProgressEvent) => void;
