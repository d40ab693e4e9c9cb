import { DbBackupError } from '../../../run/errors.ts';
import { DumpStatementError } from '../../../server/connect/server-failures.ts';

/** What of a load runs beside its reading. */
export class LoadTasks {
  readonly #onFailure: (error: unknown) => void;
  readonly #pending = new Set<Promise<unknown>>();

  /** @param onFailure Told of each failure at once, by `told`. */
  constructor(onFailure: (error: unknown) => void) {
    this.#onFailure = onFailure;
  }

  /** @param work Whose failure is told by its own means. */
  add(work: Promise<unknown>): void {
    this.#pending.add(work);
    const settled = (): void => {
      this.#pending.delete(work);
    };
    work.then(settled, settled);
  }

  failed(error: unknown): void {
    this.#onFailure(error);
  }

  /** Resolves when nothing runs any more; rejects when something failed. */
  async settled(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending);
  }

  /** The same work, with a failure that says what it was about. */
  async told(
    work: Promise<unknown> | undefined,
    what: string,
    hintFor: (error: DumpStatementError) => string | undefined = ({ hint }) => hint,
  ): Promise<void> {
    try {
      await work;
    } catch (error) {
      const told =
        error instanceof DumpStatementError
          ? new DbBackupError('restore-failed', `Loading failed at ${what}: ${error.message}`, {
              hint: hintFor(error),
              cause: error,
            })
          : error;
      this.failed(told);
      throw told;
    }
  }
}
