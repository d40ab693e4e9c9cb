import { expect, test } from 'vitest';
import { parseLoadAccount } from '../../../../src/settings/values/load-account.ts';

const given = (text: string) => ({ text, source: '--load-account', isFlag: true });

test('is auto unless said otherwise', () => {
  expect(parseLoadAccount(undefined)).toBe('auto');
});

test.each(['auto', 'require', 'off'] as const)('takes %s', (mode) => {
  expect(parseLoadAccount(given(mode))).toBe(mode);
});

test.each(['on', 'Auto', '', 'required'])('refuses "%s"', (text) => {
  expect(() => parseLoadAccount(given(text))).toThrow(
    expect.objectContaining({
      code: 'usage',
      message: `--load-account is "${text}"; it takes auto, require or off.`,
    }),
  );
});
