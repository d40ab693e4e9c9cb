export const COMPRESSIONS = ['none', 'gzip', 'zstd'] as const;
export type CompressionMethod = (typeof COMPRESSIONS)[number];

export interface Compression {
  readonly method: CompressionMethod;
  /** undefined for none. */
  readonly level: number | undefined;
}

const EXTENSIONS = { none: '.sql', gzip: '.sql.gz', zstd: '.sql.zst' } as const satisfies Record<
  CompressionMethod,
  string
>;

const METHODS = Object.entries(EXTENSIONS) as readonly [CompressionMethod, string][];

/** `.sql`, `.sql.gz` or `.sql.zst`. */
export function extensionOf(compression: CompressionMethod): string {
  return EXTENSIONS[compression];
}

/** How a file is compressed, by its name; undefined when it is not a dump by its name. */
export function compressionByName(fileName: string): CompressionMethod | undefined {
  for (const [method, extension] of METHODS) {
    if (fileName.endsWith(extension) && fileName.length > extension.length) return method;
  }
  return undefined;
}
