import { describe, expect, test } from 'vitest';
import { size } from '../../../../src/health/checks/size.ts';
import type { Backup } from '../../../../src/backups/record/backup.ts';
import { backupOf, DAY_MS, MIB, shop, sized, subject } from '../some-history.ts';

/** Newest first, a day apart. */
const nights = (...sizes: readonly Readonly<Record<string, number>>[]): readonly Backup[] =>
  sizes.map((tables, day) => backupOf(day * DAY_MS, sized(tables)));

const judge = (backups: readonly Backup[], maxSizeDrop: number | undefined = 0.5) =>
  size.judge(subject([shop({ backups })], { maxSizeDrop }));

const levels = (backups: readonly Backup[], maxSizeDrop?: number) =>
  judge(backups, maxSizeDrop).map(({ level }) => level);

describe('the whole backup', () => {
  test.each([
    [50 * MIB, ['ok']],
    [50 * MIB - 1, ['critical']],
    [200 * MIB, ['ok']],
  ])('of %d bytes after ones of 100 MiB', (bytes, expected) => {
    // In tables that are too small to be told one by one.
    const whole = (uncompressedBytes: number) => ({ ...sized({ a: 1 }, uncompressedBytes) });
    const backups = [bytes, 100 * MIB, 100 * MIB].map((each, day) => backupOf(day * DAY_MS, whole(each)));

    expect(levels(backups)).toEqual(expected);
  });

  test('is compared with the median of the seven before it, so that one odd night changes nothing', () => {
    const [odd, usual] = [{ a: 900 * MIB }, { a: 100 * MIB }];

    expect(levels(nights(usual, odd, usual, odd, usual, odd, usual, usual))).toEqual(['ok']);
    expect(levels(nights({ a: 40 * MIB }, usual, usual, usual, usual, { a: 1 }, { a: 1 }, { a: 1 }))).toEqual(
      [
        'critical', // the backup
        'critical', // the table
      ],
    );
    // The eighth before it is not looked at.
    expect(
      levels(
        nights({ a: 60 * MIB }, ...Array<typeof usual>(7).fill(usual), ...Array<typeof odd>(9).fill(odd)),
      ),
    ).toEqual(['ok']);
  });
});

describe('a table', () => {
  test('that lost 93 % of its rows is named, though the backup hardly shrank', () => {
    const before = { orders: 10 * MIB, photos: 900 * MIB };

    expect(judge(nights({ orders: 0.7 * MIB, photos: 900 * MIB }, before, before, before))).toEqual([
      {
        ...{ level: 'critical', check: 'size', database: 'shop' },
        message:
          'shop/nightly_2026-11-22_12-00-00: the table orders lost 93 % (734 kB of SQL; the median of the 3 before it is 10.5 MB; 50 % is allowed).',
      },
    ]);
  });

  test('that is gone is named', () => {
    expect(judge(nights({ photos: 900 * MIB }, { orders: 10 * MIB, photos: 900 * MIB }))[0]).toMatchObject({
      level: 'critical',
      message: expect.stringContaining(
        'the table orders is missing; it lost 100 % (0 B of SQL; the one before it has 10.5 MB',
      ),
    });
  });

  test.each([
    [MIB, ['ok']],
    [MIB + 1, ['critical']],
  ])('counts from more than 1 MiB on: %d', (bytes, expected) => {
    expect(levels(nights({ small: 0, photos: 900 * MIB }, { small: bytes, photos: 900 * MIB }))).toEqual(
      expected,
    );
  });

  test.each([
    [5 * MIB, 0.5, ['ok']],
    [5 * MIB - 1, 0.5, ['critical']],
    [1 * MIB, 0.9, ['ok']],
    [1 * MIB - 1, 0.9, ['critical']],
  ])('of 10 MiB that has %d bytes where %d may be lost', (bytes, maxDrop, expected) => {
    const photos = 900 * MIB;

    expect(levels(nights({ orders: bytes, photos }, { orders: 10 * MIB, photos }), maxDrop)).toEqual(
      expected,
    );
  });

  test('that came last night is no standard yet, and one that went four nights ago is forgotten', () => {
    const photos = 900 * MIB;
    const [without, with_] = [{ photos }, { photos, orders: 10 * MIB }];

    expect(levels(nights(without, with_, without, without))).toEqual(['ok']);
    expect(levels(nights(without, without, without, with_, with_, with_, with_, with_))).toEqual([
      'critical',
    ]);
    expect(levels(nights(without, without, without, without, without, with_, with_, with_))).toEqual(['ok']);
  });
});

test('a first backup is not compared, and nothing is said where it is switched off', () => {
  expect(judge(nights({ a: 1000 }))).toEqual([
    {
      ...{ level: 'ok', check: 'size', database: 'shop' },
      message: 'shop/nightly_2026-11-22_12-00-00 has 1 kB of SQL; not compared: the first of its label.',
    },
  ]);
  expect(
    size.judge(subject([shop({ backups: nights({ a: 1 }, { a: 9 * MIB }) })], { maxSizeDrop: undefined })),
  ).toEqual([]);
});

test('each label has its own standard, as long as it is in use', () => {
  const nightly = nights({ a: 90 * MIB }, { a: 100 * MIB });
  const manual = (ageMs: number, bytes: number) =>
    backupOf(ageMs, { label: 'manual', ...sized({ a: bytes }) });

  expect(levels([...nightly, manual(DAY_MS, 1), manual(2 * DAY_MS, 2)])).toEqual(['ok', 'ok']);
  expect(levels([...nightly, manual(DAY_MS, 1), manual(2 * DAY_MS, 9 * MIB)])).toEqual([
    'ok',
    'critical',
    'critical',
  ]);
  expect(levels([...nightly, manual(3 * DAY_MS, 1), manual(4 * DAY_MS, 9 * MIB)])).toEqual(['ok']);
});

test('the first of a label is compared with the newest before it of any label', () => {
  const first = (ageMs: number, bytes: number) =>
    backupOf(ageMs, { label: 'manual', ...sized({ a: bytes }) });

  expect(levels([first(0, 1), backupOf(DAY_MS, sized({ a: 9 * MIB }))])).toEqual([
    'critical', // the backup
    'critical', // the table
    'ok', // the nightly one: nothing is before it
  ]);
  expect(levels([first(0, 9 * MIB), backupOf(DAY_MS, sized({ a: 9 * MIB }))])).toEqual(['ok', 'ok']);
});

test('only complete backups are compared', () => {
  const [newest, older] = nights({ a: 1 }, { a: 9 * MIB });

  expect(judge([newest!, { ...older!, state: 'damaged' }])).toMatchObject([
    { level: 'ok', message: expect.stringContaining('not compared') },
  ]);
});
