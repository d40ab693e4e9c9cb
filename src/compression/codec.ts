export type Environment = Readonly<Record<string, string | undefined>>;
/** What a compression has of the run. */
export interface CompressionContext {
  readonly env: Environment;
  readonly signal: AbortSignal;
}

/** How one compression method works: a file of its own, which `METHODS` names. */
export interface Codec {
  /** The program that does it, where Node.js cannot. */
  readonly program?: CompressionProgram;
  /** @throws {DbBackupError} `tool-missing` when its program is not there. */
  compress(sink: Sink, level: number, context: CompressionContext): Promise<Compressor>;
  /**
   * Reads whatever is in `raw` to its end, unless the reader stops early.
   *
   * @throws {CompressedDataError} among others.
   */
  decompress(raw: AsyncIterable<Buffer>, context: CompressionContext): AsyncIterable<Buffer>;
  /**
   * What the first bytes of a part give; at once, because thousands are read. Absent where no part can be read without
   * the rest.
   */
  readonly beginningOf?: (bytes: Buffer) => Buffer;
}

export interface CompressionProgram {
  readonly name: string;
  /** @throws {DbBackupError} `tool-missing`, with how to do without it. */
  find(env: Environment): Promise<string>;
  /**
   * @returns undefined when it does not say.
   * @throws {DbBackupError} `tool-missing`.
   */
  readVersion(context: CompressionContext): Promise<string | undefined>;
}

/** What was compressed cannot be read. The message continues the name of the file: `is truncated: …`. */
export class CompressedDataError extends Error {}

/** Receives compressed bytes in order; called again only when the promise of the call before is settled. */
export type Sink = (bytes: Buffer) => Promise<void>;

/** Where reading may begin. */
export interface Entry {
  /** Nothing may precede it there. */
  readonly isAlone: boolean;
  readonly onPlace: (place: FilePlace) => void;
}

/** Where a text is in a compressed file. */
export interface FilePlace {
  /** What is there can be decompressed without what precedes it. */
  readonly offsetBytes: number;
  /** So much decompressed text comes first. */
  readonly skipBytes: number;
}

/** Turns blocks of SQL into the bytes of a file. Disposing stops what it has started, even halfway. */
export interface Compressor extends AsyncDisposable {
  /**
   * Takes one block. Resolves as soon as the next one may come, before this one has been written.
   *
   * @param entry Of a block from which the file can be read: without what precedes it.
   * @param onDone The block's memory is free again.
   */
  write(bytes: Buffer, entry: Entry | undefined, onDone: () => void): Promise<void>;
  /** Resolves when everything has reached the sink. */
  end(): Promise<void>;
}
