export type Environment = Readonly<Record<string, string | undefined>>;

/** Receives compressed bytes in order; called again only when the promise of the call before is settled. */
export type Sink = (bytes: Buffer) => Promise<void>;

/** Turns blocks of SQL into the bytes of a file. Disposing stops what it has started, even halfway. */
export interface Compressor extends AsyncDisposable {
  /**
   * Takes one block. Resolves as soon as the next one may come, before this one has been written.
   *
   * @param onStart Called with the offset in the compressed file at which the block starts, where that is known.
   * @param onDone The block's memory is free again.
   */
  write(bytes: Buffer, onStart: (offsetBytes: number) => void, onDone: () => void): Promise<void>;
  /** Resolves when everything has reached the sink. */
  end(): Promise<void>;
}
