import { expect, test } from 'vitest';
import { refuseUnknownVariables } from '../../../../src/settings/table/unknown-variables.ts';

test.each(['DBBACKUP_PASWORD', 'DBBACKUP_HOST_FILE', 'DBBACKUP_NO_SUCH_THING'])('%s is refused', (name) => {
  expect(() => {
    refuseUnknownVariables({ [name]: 'x' });
  }).toThrow(`The variable ${name} is set, but it is not a dbbackup setting.`);
});

test.each([
  'DBBACKUP_PASSWORD',
  'DBBACKUP_URL_FILE',
  'DBBACKUP_DETACHED',
  'DBBACKUP_SERVICE_HOST', // what Kubernetes sets beside a service of that name
  'DBBACKUP_PORT_3306_TCP_ADDR',
  'DBBACKUP_EXIT_CODE', // a command after a run may be dbbackup
  'MYSQL_HOST',
])('%s is not', (name) => {
  expect(() => {
    refuseUnknownVariables({ [name]: 'x' });
  }).not.toThrow();
});

test('one that is empty is as good as not there', () => {
  expect(() => {
    refuseUnknownVariables({ DBBACKUP_PASWORD: '' });
  }).not.toThrow();
});

test('a slip is put right', () => {
  expect(() => {
    refuseUnknownVariables({ DBBACKUP_PASWORD: 'x' });
  }).toThrow(
    expect.objectContaining({
      code: 'usage',
      hint: expect.stringMatching(/^did you mean DBBACKUP_PASSWORD/),
    }),
  );
});
