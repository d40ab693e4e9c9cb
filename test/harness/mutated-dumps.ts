// Dumps that were changed at random, for whatever reads dumps.

/** What may break a reader, put in at a random place of a random kind. */
const INSIDE_STRINGS = [
  ';\n',
  '\\\\',
  "\\'",
  "''",
  '\\\n',
  '\\\r\n',
  '\\\0',
  ';\r\n',
  '/*',
  '*/',
  '-- ',
  '\0',
  'ß',
  '\xff',
  '`',
  '"',
];
const BETWEEN_LINES = [
  '-- a comment;\n',
  '/* two;\nlines */\n',
  '# x;\n',
  ';\n',
  '\n',
  '\r\n',
  '/*!40000 */;\n',
  'DELIMITER ;\n',
  'DELIMITER ;;\n/*!50003 CREATE TRIGGER `z` BEFORE INSERT ON `t` FOR EACH ROW begin set @a = 1;\nend */;;\nDELIMITER ;\n',
  'UNLOCK TABLES;\n',
  'USE `shop`;\n',
  "SET @@GLOBAL.GTID_PURGED='x:1';\n",
  "SET sql_mode='NO_BACKSLASH_ESCAPES';\n",
  "SET sql_mode='';\n",
  "SET time_zone='+01:00';\n",
  'INSERT INTO `t` (`id`) VALUES (7);\n',
  "INSERT INTO `t` (`id`, `n`) VALUES (8,'a;'),\n(9,';b');\n",
  "INSERT INTO `t` (`n`) VALUES ('c:\\\\'),('\\\\\\'; DROP');\n",
  'REPLACE INTO `t` (`id`) VALUES (7);\n',
  'INSERT INTO `t` (`id`) VALUES (7); INSERT INTO `t` (`id`) VALUES (8);\n',
  'CREATE TABLE `new;\nline` (`a` int);\nINSERT INTO `new;\nline` VALUES (1);\n',
  "CREATE TABLE `q` (`a;` int COMMENT ';\n');\nINSERT INTO `q` VALUES (1);\nINSERT INTO `q` VALUES (2);\n",
];
const ANYWHERE = [';', '\n', "'", '`', '\\', '"', '--', '/*', '*/', '(', 'x', ' ', ';\n', '0', '\r'];

/** The tools write few INSERTs for few rows; most of what can go wrong is between two of them. */
export function withMoreRows(dump: Buffer): Buffer {
  return Buffer.from(dump.toString('latin1').replace(/^INSERT.*?;\n/gms, '$&$&$&$&'), 'latin1');
}

/** A whole number from 0 up to, and without, the one given. */
export type Pick = (below: number) => number;

/** @param betweenLines Beside the usual, what may be put in between two statements. */
export function mutated(original: Buffer, pick: Pick, betweenLines: readonly string[] = []): Buffer {
  let text = original.toString('latin1');
  const oneOf = (choices: readonly string[]): string =>
    Buffer.from(choices[pick(choices.length)] ?? '').toString('latin1');
  const putAt = (at: number, what: string): void => {
    text = text.slice(0, at) + what + text.slice(at);
  };
  for (let count = 1 + pick(4); count > 0; count--) {
    switch (pick(8)) {
      case 0:
        putAt(pick(text.length), oneOf(ANYWHERE));
        break;
      case 1: {
        const at = pick(text.length);
        text = text.slice(0, at) + text.slice(at + 1 + pick(3));
        break;
      }
      case 2:
        text = text.slice(0, text.length - pick(40)); // the end of the file may come anywhere
        break;
      case 3:
      case 4: {
        const strings = [...text.matchAll(/(?<=[(,]')[a-z-]/g)];
        putAt(strings[pick(strings.length)]?.index ?? 0, oneOf(INSIDE_STRINGS));
        break;
      }
      default: {
        const lines = [...text.matchAll(/^(?=INSERT|\/\*!40000 ALTER)/gm)];
        putAt(lines[pick(lines.length)]?.index ?? 0, oneOf([...BETWEEN_LINES, ...betweenLines]));
      }
    }
  }
  return Buffer.from(text, 'latin1');
}
