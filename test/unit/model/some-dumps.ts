import { fileURLToPath } from 'node:url';

/** Real dumps, with what the tools put into them. */
export const DUMPS = [
  { file: 'mariadb-10.11.sql', tables: ['s1', 'c', 'p', 'sv', 't', 'we`ird; name'], views: ['v', 'v2'] },
  { file: 'mariadb-11.8.sql', tables: ['s1', 'c', 'p', 'sv', 't', 'we`ird; name'], views: ['v', 'v2'] },
  { file: 'mysql-9.7.sql', tables: ['c', 'inv', 'p', 't', 'we`ird; name'], views: ['v', 'v2'] },
] as const;

export function dumpFile(file: string): string {
  return fileURLToPath(new URL(`../../fixtures/dumps/${file}`, import.meta.url));
}

/** What the real ones do not have: long comments, half headings, headings in a row, names with a newline. */
export const ODD_DUMP = Buffer.from(
  [
    `-- ${'x'.repeat(1500)}`,
    `DROP ${'y'.repeat(2000)}`,
    `-- Table structure for table \`${'z'.repeat(1100)}\``,
    '-- Table structure for table',
    '-- Table structure for table `plain`',
    'CREATE TABLE `plain` (`id` int);',
    '',
    '-- Dumping data for table `plain`',
    `INSERT INTO \`plain\` VALUES ${'(1),'.repeat(900)}(1);`,
    '-- Table structure for table `tick``ed`',
    '-- Table structure for table `plain`',
    '--',
    '-',
    'D',
    'DELIMITER ;;',
    '-- Table structure for table `in a body`',
    'DELIMITER ;',
    '-- Table structure for table `two',
    '-- lines`',
    'CREATE TABLE `two\\nlines` (`id` int);',
    '-- Table structure for table `never ended',
    '',
    '-- nor here',
    '-- Final view structure for view `v`',
    '-- größe €',
    "-- Dumping routines for database 'shop'",
    '-- Dump completed on 2026-11-23  3:47:54',
    '',
  ].join('\n'),
);
