import type { DumpReport } from './dump-report.ts';

/** `-- Host: localhost    Database: shop`, and phpMyAdmin's "-- Database: `shop`". */
export const HEADER_DATABASE = /^-- (?:Host: .*\s)?Database: (?:`(.+)`|(\S.*?))\s*$/;

/** mysqldump's, mariadb-dump's and mysqldump-php's; mysqlpump's. */
export const END_LINE = /^-- Dump (?:completed(?: on:? (?<on>.*\S))?|end time: (?<at>.*\S))/;

/** The database that a comment at the head of a dump names. */
export function databaseOfHeader(comment: string): string | undefined {
  const match = HEADER_DATABASE.exec(comment);
  return match?.[1] ?? match?.[2];
}

/** What a comment says when it is the end line of a dump tool. */
export function endLineIn(text: string): Pick<DumpReport, 'madeAt'> | undefined {
  const end = END_LINE.exec(text);
  return end === null
    ? undefined
    : { madeAt: (end.groups?.['on'] ?? end.groups?.['at'])?.replace(/\s+/g, ' ') };
}
