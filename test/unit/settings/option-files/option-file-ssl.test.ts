import { describe, expect, test } from 'vitest';
import {
  isOn,
  sslModeOfOptions,
  unsupportedSslOptions,
} from '../../../../src/settings/option-files/option-file-ssl.ts';

const options = (...lines: string[]) =>
  lines.map((line) => {
    const [name = '', value] = line.split('=');
    return { name, value, source: `/x.cnf [client] ${line}` };
  });

describe('sslModeOfOptions', () => {
  test.each<[string[], string | undefined]>([
    [[], undefined],
    [['user=x'], undefined],
    [['ssl-mode=verify_ca'], 'VERIFY_CA'],
    [['ssl'], 'REQUIRED'],
    [['ssl=1'], 'REQUIRED'],
    [['ssl=0'], 'DISABLED'],
    [['skip-ssl'], 'DISABLED'],
    [['disable-ssl'], 'DISABLED'],
    [['enable-ssl'], 'REQUIRED'],
    [['ssl', 'ssl-verify-server-cert'], 'VERIFY_IDENTITY'],
    [['ssl-verify-server-cert'], 'VERIFY_IDENTITY'],
    [['ssl-verify-server-cert', 'skip-ssl-verify-server-cert'], undefined],
    [['ssl-verify-server-cert', 'skip-ssl'], 'DISABLED'],
    [['skip-ssl', 'ssl-mode=REQUIRED'], 'REQUIRED'],
  ])('reads %j as %s', (lines, mode) => {
    expect(sslModeOfOptions(options(...lines))?.mode).toBe(mode);
  });

  test('names the line that decided', () => {
    expect(sslModeOfOptions(options('ssl', 'skip-ssl'))?.source).toBe('/x.cnf [client] skip-ssl');
  });

  test('refuses an unknown mode, with the known ones', () => {
    expect(() => sslModeOfOptions(options('ssl-mode=sometimes'))).toThrow(
      expect.objectContaining({ code: 'usage', hint: expect.stringContaining('VERIFY_IDENTITY') }),
    );
  });
});

test('unsupportedSslOptions names what the clients would heed and we do not', () => {
  const found = unsupportedSslOptions(
    options('ssl-capath=/x', 'tls-version=TLSv1.3', 'ssl-ca=/y', 'skip-ssl', 'user=z'),
  );
  expect(found).toEqual([
    { message: expect.stringContaining('The option ssl-capath in /x.cnf [client]') as string },
    { message: expect.stringContaining('The option tls-version') as string },
  ]);
});

test('isOn reads the spellings of option files', () => {
  expect([undefined, '1', 'ON', 'true'].map(isOn)).toEqual([true, true, true, true]);
  expect(['0', 'off', 'FALSE'].map(isOn)).toEqual([false, false, false]);
});
