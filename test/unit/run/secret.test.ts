import { describe, expect, test } from 'vitest';
import { redact, Secret } from '../../../src/run/secret.ts';

describe('Secret', () => {
  const secret = new Secret('s3cret pässword');

  test.each([
    ['String()', String(secret)],
    ['JSON.stringify()', JSON.stringify({ password: secret })],
    ['joining', ['--password', secret].join('=')],
    ['its own keys', Object.keys(secret).join()],
  ])('is not shown by %s', (_way, shown) => {
    expect(shown).not.toContain('s3cret');
  });

  test('gives its text only when asked to', () => {
    expect(secret.reveal()).toBe('s3cret pässword');
  });
});

describe('redact', () => {
  test.each<[title: string, secret: string, text: string, shown: string]>([
    ['the secret itself, every time', 'pa55', 'pa55 and pa55', '[hidden] and [hidden]'],
    ['its URL spelling', 'p@ss/w', 'mysql://u:p%40ss%2Fw@h', 'mysql://u:[hidden]@h'],
    ['its JSON spelling', 'p"a\\s', String.raw`{"p":"p\"a\\s"}`, '{"p":"[hidden]"}'],
    ['nothing else', 'pa55', 'access denied', 'access denied'],
    ['no secret that is too short to hide anything', 'a', 'a banana', 'a banana'],
  ])('takes out %s', (_title, secret, text, shown) => {
    expect(redact(text, [new Secret(secret)])).toBe(shown);
  });

  test('takes out several, and passes over those that were not given', () => {
    expect(redact('one1 two2', [new Secret('one1'), undefined, new Secret('two2')])).toBe(
      '[hidden] [hidden]',
    );
  });
});
