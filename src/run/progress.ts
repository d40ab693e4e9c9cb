/** The phases of a run that take long. */
export const PHASES = ['backup', 'safety-backup', 'load'] as const;
export type Phase = (typeof PHASES)[number];

/** Of an operation that is known to have several: the second of four. */
export interface Part {
  readonly number: number;
  readonly of: number;
  /** How long those behind it are expected to take; undefined: nobody knows. */
  readonly laterMs: number | undefined;
}

/** What a long operation tells while it runs. Core emits these; the command line renders them. */
export type ProgressEvent =
  | {
      readonly kind: 'step';
      readonly message: string;
      /** The run waits for another session: to be reported immediately, also in a log. */
      readonly waits?: true;
      readonly phase?: Phase;
      readonly part?: Part | undefined;
    }
  | {
      readonly kind: 'bytes';
      readonly doneBytes: number;
      /** An estimate; absent when nothing is known. `doneBytes` may overshoot it. */
      readonly totalBytes: number | undefined;
    }
  /** The run has an id, a state file and a log from here on. */
  | {
      readonly kind: 'job';
      readonly job: string;
      /** Absolute; where its files are. */
      readonly directory: string;
      readonly database: string;
    }
  /** All quick checks have passed, and the lock is held. */
  | {
      readonly kind: 'accepted';
      readonly job: string;
      readonly directory: string;
      /** Of a run over several databases: the ids of all of them, in their order. */
      readonly jobs?: readonly string[];
    }
  /** To be known, though nothing is wrong. */
  | { readonly kind: 'note'; readonly message: string }
  | { readonly kind: 'warning'; readonly message: string }
  | { readonly kind: 'detail'; readonly message: string };

export type OnProgress = (event: ProgressEvent) => void;
