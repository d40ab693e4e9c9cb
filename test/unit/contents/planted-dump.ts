import { writeFileSync } from 'node:fs';
import type { Manifest } from '../../../src/backups/record/manifest.ts';
import { chunkedBackup } from '../backups/read/chunked-backup.ts';

const HEAD = `-- MySQL dump 10.13  Distrib 9.7.4, for Linux (x86_64)
--
-- Host: localhost    Database: shop
-- ------------------------------------------------------

/*!50503 SET NAMES utf8mb4 */;
/*!40103 SET @OLD_TIME_ZONE=@@TIME_ZONE */;
`;

const FOOT = `/*!40103 SET TIME_ZONE=@OLD_TIME_ZONE */;

-- Dump completed on 2026-11-23  3:47:54
`;

export const ROUTINES = `
--
-- Dumping routines for database 'shop'
--
DELIMITER ;;
CREATE PROCEDURE \`p\`() select 1 ;;
DELIMITER ;
`;

/** What a table's section has in front of its rows. */
export function definitionOf(table: string, columns = '  `id` int NOT NULL,\n  `v` varchar(60)'): string {
  return `
--
-- Table structure for table \`${table}\`
--

DROP TABLE IF EXISTS \`${table}\`;
CREATE TABLE \`${table}\` (
${columns}
) ENGINE=InnoDB;
`;
}

export function rowsOf(table: string, count: number): string {
  const insert = (n: number): string => `INSERT INTO \`${table}\` VALUES (${n},'row ${'x'.repeat(40)}');\n`;
  return `
--
-- Dumping data for table \`${table}\`
--

LOCK TABLES \`${table}\` WRITE;
${Array.from({ length: count }, (_, n) => insert(n)).join('')}UNLOCK TABLES;
`;
}

export function triggerOf(table: string): string {
  return `/*!50003 SET @saved_cs_client      = @@character_set_client */ ;
DELIMITER ;;
/*!50003 CREATE TRIGGER \`${table}_t\` BEFORE INSERT ON \`${table}\` FOR EACH ROW begin end */;;
DELIMITER ;
`;
}

export const standIn = (view: string): string => `
--
-- Temporary view structure for view \`${view}\`
--

/*!50001 CREATE VIEW \`${view}\` AS SELECT 1 AS \`id\`*/;
`;

export const view = (name: string): string => `
--
-- Final view structure for view \`${name}\`
--

/*!50001 DROP VIEW IF EXISTS \`${name}\`*/;
/*!50001 VIEW \`${name}\` AS select 1 AS \`id\` */;
`;

/** A dump of these parts. */
export function dumpOf(...parts: readonly string[]): string {
  return HEAD + parts.join('') + FOOT;
}

/** Three tables, of which `big` and `z` have chunks, and a view among them. */
export const SHOP = dumpOf(
  ...[definitionOf('a'), rowsOf('a', 2), triggerOf('a')],
  ...[definitionOf('big'), rowsOf('big', 400)],
  standIn('v'),
  ...[definitionOf('z'), rowsOf('z', 200), triggerOf('z')],
  ROUTINES,
  view('v'),
);

/** Small, but no definition is as long. */
const CUTS = { firstBytes: 600, leastBytes: 300 };

/** A backup of such a dump, with its manifest. @returns the path of the file. */
export async function plantBackup(
  text: string,
  compression: 'gzip' | 'none' = 'gzip',
  changes: Partial<Manifest> = { programs: { 'view v': '1', 'procedure p': '2' } },
): Promise<{ readonly path: string; readonly manifest: Manifest }> {
  const { path, manifest } = await chunkedBackup(Buffer.from(text), compression, CUTS);
  const changed = { ...manifest, ...changes };
  writeFileSync(path.replace(/\.sql(\.gz)?$/, '.json'), JSON.stringify(changed));
  return { path, manifest: changed };
}
