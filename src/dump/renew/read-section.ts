import { createHash } from 'node:crypto';
import { withoutCounter } from '../../sql/definitions/table-definition.ts';
import { type PartBytes, SectionParts } from './section-parts.ts';

/** What tells two sections of one table apart. */
export interface SectionContent {
  /** Its definition; bytes as latin1. */
  readonly head: string;
  /** sha256 of its rows. */
  readonly rows: string;
}

/** @param text Of one section. */
export async function readSection(text: AsyncIterable<Buffer>): Promise<SectionContent> {
  const head: Buffer[] = [];
  const hash = createHash('sha256');
  for await (const { part, bytes } of partsOf(text)) {
    if (part === 'head') head.push(Buffer.from(bytes));
    else if (part === 'rows') hash.update(bytes);
  }
  return { head: Buffer.concat(head).toString('latin1'), rows: hash.digest('hex') };
}

/** The parts of one section; each is valid until the next one is asked for. */
export async function* partsOf(text: AsyncIterable<Buffer>): AsyncGenerator<PartBytes> {
  const parts = new SectionParts();
  for await (const chunk of text) yield* parts.push(chunk);
  yield* parts.finish();
}

/** The first bytes of a text. */
export async function* firstBytes(text: AsyncIterable<Buffer>, count: number): AsyncGenerator<Buffer> {
  let left = count;
  if (left === 0) return;
  for await (const chunk of text) {
    yield chunk.subarray(0, left);
    left -= chunk.length;
    if (left <= 0) return;
  }
}

/** Whether two definitions are one, but for the counter of AUTO_INCREMENT. */
export function sameHead(one: string, other: string): boolean {
  return withoutCounter(one) === withoutCounter(other);
}

/**
 * The definition of a table that has moved into another schema, as it was before: what its foreign keys refer to and
 * did not move with it is named with its database now.
 *
 * @param database In its quotes; bytes as latin1.
 */
export function headAsItWas(head: string, database: string): string {
  const named = ` REFERENCES ${database}.\``;
  return head
    .split('\n')
    .map((line) => (/^ {2}CONSTRAINT `/.test(line) ? line.replace(named, ' REFERENCES `') : line))
    .join('\n');
}
