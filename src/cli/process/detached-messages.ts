// A run that continues after the one that started it has ended. The two communicate over Node's own channel between
// processes: nothing in it appears in an argument, an environment or a file.
import type { ErrorCode } from '../../run/errors.ts';
import type { FlagValues } from '../../settings/table/settings-table.ts';

/** The variable that tells the program that it was started detached; removed from the environment on start. */
export const DETACHED_MARK = 'DBBACKUP_DETACHED';

/** What a detached run tells the run that started it, until its job is accepted or has failed. */
export type FromDetached =
  | { readonly kind: 'warning'; readonly message: string }
  /** Answered with a `password`. */
  | { readonly kind: 'ask-password' }
  /** Answered with `flags`. */
  | { readonly kind: 'ask-flags' }
  /** All quick checks have passed: the job continues on its own. */
  | {
      readonly kind: 'accepted';
      readonly job: string;
      /** The backup directory, absolute. */
      readonly directory: string;
      /** Of several databases: the ids of all of them. */
      readonly jobs?: readonly string[];
    }
  | {
      readonly kind: 'failed';
      readonly code: ErrorCode;
      readonly message: string;
      readonly hint: string | undefined;
    };

export interface Password {
  readonly kind: 'password';
  readonly password: string;
}

/** The flags that are not among its arguments, because every user of the machine could read them there. */
export interface SecretFlags {
  readonly kind: 'flags';
  readonly flags: FlagValues;
}

export type Answer = Password | SecretFlags;

/** In the run that starts another: the one that was started. */
export interface DetachedChild {
  /** Its messages, in order; ends when the run has ended or was let go. */
  readonly messages: AsyncIterable<FromDetached>;
  answer(answer: Answer): void;
  /** Lets go of it: once its job is accepted it keeps running, before that it ends. */
  release(): void;
}

/** In a run that was started detached: the run that started it, which leaves once the job is accepted. */
export interface DetachedParent {
  tell(message: FromDetached): void;
  /** @throws {DbBackupError} `hangup` when it has ended in the meantime. */
  askPassword(): Promise<string>;
  /** @throws {DbBackupError} the same. */
  askFlags(): Promise<FlagValues>;
}
