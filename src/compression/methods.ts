import type { Codec } from './codec.ts';

interface Method {
  /** What the names of its files end with. */
  readonly extension: string;
  /** The bytes that its files begin with, in hexadecimal digits; undefined: any. */
  readonly signature: string | undefined;
  /** undefined: there is nothing to choose. */
  readonly levels: { readonly standard: number; readonly highest: number } | undefined;
  /**
   * A large table's rows are cut first behind so much SQL, then each time after at least so much more: into pieces of
   * which each is worth the cost of beginning to read there.
   */
  readonly rowCuts: { readonly firstBytes: number; readonly leastBytes: number };
  /** How a shell unpacks one of its files to stdout; undefined: it can be read as it is. */
  readonly unpackCommand: string | undefined;
  /** Loaded when it is needed. */
  readonly codec: () => Promise<Codec>;
}

const MIB = 1024 * 1024;

/** All that is to be said of each method; settings, help, the manifest, reading and doctor go by these rows. */
const METHODS = {
  none: {
    extension: '.sql',
    signature: undefined,
    levels: undefined,
    rowCuts: { firstBytes: MIB, leastBytes: 8 * MIB },
    unpackCommand: undefined,
    codec: async () => (await import('./plain.ts')).plain,
  },
  gzip: {
    extension: '.sql.gz',
    signature: '1f8b',
    levels: { standard: 6, highest: 9 },
    rowCuts: { firstBytes: MIB, leastBytes: 8 * MIB },
    unpackCommand: 'gunzip -c',
    codec: async () => (await import('./gzip.ts')).gzip,
  },
  zstd: {
    extension: '.sql.zst',
    signature: '28b52ffd',
    levels: { standard: 3, highest: 19 },
    rowCuts: { firstBytes: 16 * MIB, leastBytes: 16 * MIB }, // a program is started for each
    unpackCommand: 'zstd -dc',
    codec: async () => (await import('./zstd.ts')).zstd,
  },
} as const satisfies Record<string, Method>;

export type CompressionMethod = keyof typeof METHODS;
export const COMPRESSIONS = Object.keys(METHODS) as readonly CompressionMethod[];
const ROWS: Readonly<Record<CompressionMethod, Method>> = METHODS;

export interface Compression {
  readonly method: CompressionMethod;
  /** undefined for none. */
  readonly level: number | undefined;
}

/** With the method's own level. */
export function standardCompression(method: CompressionMethod): Compression {
  return { method, level: ROWS[method].levels?.standard };
}

/** `none`, `gzip:9`; a level left out is the method's own. undefined: there is no such method or level. */
export function compressionOf(text: string): Compression | undefined {
  const [, name = '', digits] = /^(\w+)(?::(\d{1,2}))?$/.exec(text) ?? [];
  const method = COMPRESSIONS.find((known) => known === name);
  if (method === undefined || digits === undefined) return method && standardCompression(method);
  const level = Number(digits);
  return level >= 1 && level <= (ROWS[method].levels?.highest ?? 0) ? { method, level } : undefined;
}

/** The inverse of `compressionOf`. */
export function compressionText({ method, level }: Compression): string {
  return level === undefined ? method : `${method}:${level}`;
}

/** `none, gzip[:1-9] or zstd[:1-19]`. */
export const COMPRESSION_CHOICES = COMPRESSIONS.map((method) => {
  const { levels } = ROWS[method];
  return levels === undefined ? method : `${method}[:1-${levels.highest}]`;
})
  .join(', ')
  .replace(/, (?=[^,]*$)/, ' or ');

/** `.sql`, `.sql.gz` or `.sql.zst`. */
export function extensionOf(method: CompressionMethod): string {
  return ROWS[method].extension;
}

/** How a file is compressed, by its name; undefined when it is not a dump by its name. */
export function compressionByName(fileName: string): CompressionMethod | undefined {
  return COMPRESSIONS.find((method) => {
    const { extension } = ROWS[method];
    return fileName.endsWith(extension) && fileName.length > extension.length;
  });
}

/** How a file of any name is compressed, by the last part of it: `.gz` will do. */
export function compressionByEnding(fileName: string): CompressionMethod | undefined {
  return COMPRESSIONS.find((method) => fileName.endsWith(/\.\w+$/.exec(ROWS[method].extension)?.[0] ?? ''));
}

/** How a file's content is compressed, by its first bytes. */
export function compressionByContent(head: Buffer): CompressionMethod {
  const begins = head.toString('hex');
  const found = COMPRESSIONS.find((method) => {
    const { signature } = ROWS[method];
    return signature !== undefined && begins.startsWith(signature);
  });
  return found ?? 'none';
}

export function rowCutsOf(method: CompressionMethod): Method['rowCuts'] {
  return ROWS[method].rowCuts;
}

/** `gunzip -c`; undefined: the file can be read as it is. */
export function unpackCommandOf(method: CompressionMethod): string | undefined {
  return ROWS[method].unpackCommand;
}

export function codecOf(method: CompressionMethod): Promise<Codec> {
  return ROWS[method].codec();
}
