// How many bytes InnoDB keeps for a column, by what the catalogue says of it.

/** A column as information_schema describes it. */
export interface InnodbColumn {
  readonly name: string;
  /** e.g. `varchar(20)`, `decimal(10,2) unsigned`. */
  readonly type: string;
  /** The longest value of a text or byte string, in bytes; undefined for other types. */
  readonly octets: number | undefined;
  readonly collation: string;
  readonly nullable: boolean;
}

export type ColumnBytes =
  | { readonly kind: 'fixed'; readonly bytes: number }
  /** Infinity: it has no limit. */
  | { readonly kind: 'variable'; readonly maxBytes: number };

/** From here on InnoDB treats a value of a fixed length like one of a variable length. */
const LONGEST_FIXED_BYTES = 768;

/** Without those whose bytes depend on their length, or on their members. */
const FIXED: Readonly<Record<string, number>> = {
  ...{ tinyint: 1, smallint: 2, mediumint: 3, int: 4, bigint: 8, float: 4, double: 8, year: 1, date: 3 },
  ...{ uuid: 16, inet6: 16, inet4: 4 },
};

const TIME_BYTES: Readonly<Record<string, number>> = { time: 3, timestamp: 4, datetime: 5 };

/** Of so many decimal digits. */
const DIGIT_BYTES = [0, 1, 1, 2, 2, 3, 3, 4, 4, 4] as const;
const DIGITS_IN_WORD = 9;
const ALL_CHARACTERS_ALIKE = /^(?:ucs2|utf32)_/;

/** @param isCompact false for ROW_FORMAT=REDUNDANT, which gives every CHAR its full length. */
export function columnBytes(column: InnodbColumn, isCompact: boolean): ColumnBytes {
  const bytes = fixedBytes(column, isCompact);
  if (bytes !== undefined && bytes <= LONGEST_FIXED_BYTES) return { kind: 'fixed', bytes };
  if (bytes !== undefined) return { kind: 'variable', maxBytes: bytes };
  return { kind: 'variable', maxBytes: hasOwnLimit(column.type) ? (column.octets ?? Infinity) : Infinity };
}

/** How many bytes one character of a column may take. */
export function bytesOfCharacter({ type, octets }: InnodbColumn): number {
  const { length } = parsed(type);
  return octets === undefined || length === 0 || !hasOwnLimit(type) ? 1 : octets / length;
}

function hasOwnLimit(type: string): boolean {
  return /^(?:var)?(?:char|binary)\b/.test(type);
}

function parsed(type: string): { readonly word: string; readonly length: number; readonly decimals: number } {
  const [, word = '', length = '0', decimals = '0'] =
    /^([a-z0-9]+)(?:\((\d+)(?:,(\d+))?\))?/.exec(type) ?? [];
  return { word, length: Number(length), decimals: Number(decimals) };
}

function fixedBytes(column: InnodbColumn, isCompact: boolean): number | undefined {
  const { word, length, decimals } = parsed(column.type);
  const time = TIME_BYTES[word];
  if (time !== undefined) return time + Math.ceil(length / 2);
  switch (word) {
    case 'char': {
      const isAlike = column.octets === length || ALL_CHARACTERS_ALIKE.test(column.collation);
      return isAlike || !isCompact ? column.octets : undefined;
    }
    case 'binary':
      return length;
    case 'bit':
      return Math.ceil(length / 8);
    case 'decimal':
      return digitBytes(length - decimals) + digitBytes(decimals);
    case 'enum':
      return members(column.type) < 256 ? 1 : 2;
    case 'set': {
      const bytes = Math.ceil(members(column.type) / 8);
      return bytes > 4 ? 8 : bytes;
    }
    default:
      return FIXED[word];
  }
}

function digitBytes(digits: number): number {
  return Math.floor(digits / DIGITS_IN_WORD) * 4 + (DIGIT_BYTES[digits % DIGITS_IN_WORD] ?? 0);
}

function members(type: string): number {
  return type.match(/'(?:[^']|'')*'/g)?.length ?? 0;
}
