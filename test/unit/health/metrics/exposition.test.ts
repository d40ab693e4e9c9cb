import { describe, expect, test } from 'vitest';
import { renderExposition, seconds } from '../../../../src/health/metrics/exposition.ts';
import { parseExposition } from '../../../harness/exposition.ts';

const HARD_NAMES = [
  'a"b',
  'a\\b',
  'a\\',
  'a\nb',
  'a\\nb',
  'ünï-码',
  '{a="b"} 1',
  '# HELP x',
  '',
  ' ',
  'a\tb',
  '…|…',
];

describe('renderExposition', () => {
  test('gives help, type and samples of each metric together', () => {
    const text = renderExposition([
      {
        name: 'a_bytes',
        help: 'How\nlarge \\ it is.',
        samples: [{ labels: { x: '1', y: '2' }, value: 1.5 }],
      },
      { name: 'b_seconds', help: 'Nothing.', samples: [] },
      { name: 'c_seconds', help: 'How long.', samples: [{ labels: {}, value: 0 }] },
    ]);

    expect(text).toBe(
      [
        '# HELP a_bytes How\\nlarge \\\\ it is.',
        '# TYPE a_bytes gauge',
        'a_bytes{x="1",y="2"} 1.5',
        '# HELP c_seconds How long.',
        '# TYPE c_seconds gauge',
        'c_seconds 0\n',
      ].join('\n'),
    );
    expect(renderExposition([])).toBe('');
  });

  test('takes every name of a database', () => {
    const samples = HARD_NAMES.map((database, value) => ({ labels: { database }, value }));
    const text = renderExposition([{ name: 'x_bytes', help: 'x', samples }]);

    expect(parseExposition(text).map(({ labels }) => labels['database'])).toEqual(HARD_NAMES);
  });
});

test('a time is told in seconds', () => {
  expect(seconds('2026-11-22T03:00:00.250Z')).toBe(1_795_316_400.25);
});

describe('parseExposition', () => {
  const head = '# HELP x_bytes x\n# TYPE x_bytes gauge\n';

  test.each([
    ['no last newline', `${head}x_bytes 1`],
    ['no type', '# HELP x_bytes x\nx_bytes 1\n'],
    ['the same twice', `${head}x_bytes{a="1"} 1\nx_bytes{a="1"} 2\n`],
    ['an open quote', `${head}x_bytes{a="1} 1\n`],
    ['an unknown escape', `${head}x_bytes{a="\\t"} 1\n`],
    ['no number', `${head}x_bytes abc\n`],
    ['half a line', `${head}x_by\n`],
    [
      'a family in two places',
      `${head}x_bytes{a="1"} 1\n# HELP y_bytes y\n# TYPE y_bytes gauge\ny_bytes 1\nx_bytes 2\n`,
    ],
  ])('refuses %s', (_title, text) => {
    expect(() => parseExposition(text)).toThrow(Error);
  });
});
