import { describe, expect, test } from 'vitest';
import { redactServerMessage } from '../../../../src/server/connect/server-messages.ts';

describe('redactServerMessage', () => {
  test.each<[errno: number, text: string, shown: string]>([
    [
      1062,
      "Duplicate entry 'ann@example.org' for key 'users.email'",
      "Duplicate entry '…' for key 'users.email'",
    ],
    [1062, "Duplicate entry 'it's 'odd'' for key 'PRIMARY'", "Duplicate entry '…' for key 'PRIMARY'"],
    [1062, "Duplicate entry 'two\nlines' for key 'PRIMARY'", "Duplicate entry '…' for key 'PRIMARY'"],
    [
      1366,
      String.raw`Incorrect string value: '\xF0\x9F' for column 'c' at row 1`,
      "Incorrect string value: '…' for column 'c' at row 1",
    ],
    [1292, "Truncated incorrect DOUBLE value: 'salary 4000'", "Truncated incorrect DOUBLE value: '…'"],
    [
      1064,
      "You have an error in your SQL syntax near 'secret'' at line 1",
      "You have an error in your SQL syntax near '…' at line 1",
    ],
  ])('%i: shows no value of a row', (errno, text, shown) => {
    expect(redactServerMessage(errno, text, true)).toBe(shown);
    expect(redactServerMessage(errno, text, false)).toBe(shown);
  });

  test.each([
    [1364, "Field 'name' doesn't have a default value"],
    [1048, "Column 'name' cannot be null"],
    [1146, "Table 'shop.orders' doesn't exist"],
    [1273, "Unknown collation: 'utf8mb4_uca1400_ai_ci'"],
    [1449, "The user specified as a definer ('app'@'%') does not exist"],
  ])('%i: keeps names', (errno, text) => {
    expect(redactServerMessage(errno, text, true)).toBe(text);
  });

  test.each([
    [1062, "Duplicate entry 'ann@exam"],
    [1062, "Duplicate entry 'ann's mail@exam"],
    [1366, "Incorrect integer value: 'ann"],
    [1064, "syntax near 'it's 4000"],
  ])('%i: shows nothing of a value that is cut off', (errno, text) => {
    expect(redactServerMessage(errno, text, true)).not.toMatch(/ann|exam|4000/);
    expect(redactServerMessage(errno, text, false)).not.toMatch(/ann|exam|4000/);
  });

  test.each([
    [1526, 'Table has no partition for value 4000'],
    [
      3616,
      'Longitude 4000.000000 is out of range in function st_geomfromtext. It must be within (-180.000000, 180.000000].',
    ],
    [3617, 'Die geographische Breite 4000.000000 liegt außerhalb.'],
  ])('%i: says in our own words what the server says with the value', (errno, text) => {
    expect(redactServerMessage(errno, text, true)).not.toContain('4000');
    expect(redactServerMessage(errno, text, false)).not.toContain('4000');
    expect(redactServerMessage(errno, text, false)).toMatch(/of a row/);
  });

  test('shows of an error that is not known only what a definition meets', () => {
    const text = "Failed at 4000 for 'ann'";
    expect(redactServerMessage(9999, text, true)).toBe(
      "(the text may hold values of a row and is not shown; the server's manual says what the number means)",
    );
    expect(redactServerMessage(9999, text, false)).toBe(text);
  });
});
