import { describe, expect, test } from 'vitest';
import { hasEngineOf, sameDefinition, withoutConstraintNames } from '../../../src/model/definition.ts';

const table = (options: string, column = '`a` int'): string =>
  `CREATE TABLE \`t\` (\n  ${column}\n) ${options}`;

describe('sameDefinition', () => {
  test.each([
    ['the same text', table('ENGINE=InnoDB'), table('ENGINE=InnoDB'), true],
    [
      'another counter',
      table('ENGINE=InnoDB AUTO_INCREMENT=5 X'),
      table('ENGINE=InnoDB AUTO_INCREMENT=7 X'),
      true,
    ],
    ['a counter and none', table('ENGINE=InnoDB AUTO_INCREMENT=5'), table('ENGINE=InnoDB'), true],
    ['another engine', table('ENGINE=InnoDB'), table('ENGINE=MyISAM'), false],
    ['another column', table('ENGINE=InnoDB'), table('ENGINE=InnoDB', '`a` bigint'), false],
    [
      'another comment that looks like a counter',
      table('ENGINE=InnoDB', "`a` int COMMENT ' AUTO_INCREMENT=5'"),
      table('ENGINE=InnoDB', "`a` int COMMENT ' AUTO_INCREMENT=7'"),
      false,
    ],
  ])('%s: %#', (_title, one, other, same) => {
    expect(sameDefinition(one, other)).toBe(same);
    expect(sameDefinition(other, one)).toBe(same);
  });
});

test('leaves the names of constraints out, whatever they are', () => {
  expect(
    withoutConstraintNames(
      '  CONSTRAINT `a``, b` FOREIGN KEY (`x`) REFERENCES `p` (`y`),\n  CONSTRAINT `c` CHECK (`x` > 0)',
    ),
  ).toBe('  FOREIGN KEY (`x`) REFERENCES `p` (`y`),\n  CHECK (`x` > 0)');
});

describe('hasEngineOf', () => {
  test.each([
    [table('ENGINE=InnoDB'), table('ENGINE=InnoDB COMMENT'), true],
    [table('ENGINE=InnoDB'), 'create table t (\na int\n)  engine = innodb', true],
    [table('ENGINE=InnoDB'), table('ENGINE=MyISAM'), false],
    [table('ENGINE=InnoDB'), table('DEFAULT CHARSET=latin1'), true],
  ])('%#', (found, definition, fits) => {
    expect(hasEngineOf(found, definition)).toBe(fits);
  });
});
