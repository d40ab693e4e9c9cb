import { describe, expect, test } from 'vitest';
import { refusePasswordArguments } from '../../../../src/cli/arguments/refuse-password-arguments.ts';

describe('refusePasswordArguments', () => {
  test.each([
    [['create', '-psecret']],
    [['-p=secret', 'create']],
    [['create', '-qvpsecret']],
    [['create', '--password=secret']],
    [['create', '--password', 'secret']],
  ])('refuses %j with the alternatives, and does not repeat it', (argv) => {
    let caught: unknown;
    try {
      refusePasswordArguments(argv);
    } catch (error) {
      caught = error;
    }
    expect(caught).toMatchObject({ code: 'usage', hint: expect.stringContaining('--password-file') });
    expect(String(caught)).not.toContain('secret');
  });

  test.each([
    [['create', '-p', 'shop']],
    [['create', '-qp']],
    [['create', '--password-file', 'x']],
    [['create', '-uphil', '-Hprod']],
    [['create', '--', '-psecret']],
  ])('lets %j pass', (argv) => {
    expect(() => refusePasswordArguments(argv)).not.toThrow();
  });
});
