import { expect, test } from 'vitest';
import { exitCodeOfFindings, findingsDocument, renderFindings } from '../../../../src/cli/render/findings.ts';
import { plainPaint } from '../../../../src/cli/render/text/paint.ts';
import type { Finding } from '../../../../src/doctor/finding/finding.ts';

const PROBLEM: Finding = {
  level: 'problem',
  check: 'create-privileges',
  database: 'shop',
  message: 'The account cannot see the triggers of shop.',
  why: 'A backup would be incomplete.',
  fix: ["GRANT TRIGGER ON `shop`.* TO 'b'@'%';"],
};
const WARNING: Finding = {
  level: 'warning',
  check: 'folder',
  message: 'Other users may look into /b\u001b[31m.\nTwice.',
  why: undefined,
  fix: ['chmod 700 /b'],
};
const FINE: Finding[] = [
  { level: 'ok', check: 'node', message: 'Node.js 20.19.2.' },
  { level: 'ok', check: 'connection', message: 'It answers.' },
];

const SCHEDULE = { crontab: '15 3 * * *  root  x\n', service: '[Unit]\n', timer: '[Timer]\n', notes: [] };

test('says problems first, then warnings, then what is fine, then how many', () => {
  expect(renderFindings([...FINE, WARNING, PROBLEM], plainPaint, { quiet: false })).toBe(
    [
      'Problems',
      '  The account cannot see the triggers of shop.',
      '    A backup would be incomplete.',
      "    GRANT TRIGGER ON `shop`.* TO 'b'@'%';",
      '',
      'Warnings',
      String.raw`  Other users may look into /b\x1b[31m.`,
      '    Twice.',
      '    chmod 700 /b',
      '',
      'OK',
      '  node        Node.js 20.19.2.',
      '  connection  It answers.',
      '',
      '1 problem, 1 warning, 2 OK.',
      '',
    ].join('\n'),
  );
});

test('says nothing with --quiet when nothing is wrong', () => {
  expect(renderFindings(FINE, plainPaint, { quiet: true })).toBe('');
  expect(renderFindings([...FINE, WARNING], plainPaint, { quiet: true })).toMatch(
    /^Warnings\n[^]*700 \/b\n$/,
  );
});

test('fails for a problem, and for nothing less', () => {
  expect(exitCodeOfFindings([...FINE, WARNING])).toBe(0);
  expect(exitCodeOfFindings([...FINE, PROBLEM])).toBe(1);
});

test('gives a document with every finding', () => {
  expect(JSON.parse(findingsDocument([...FINE, WARNING], SCHEDULE))).toEqual({
    schema: 'dbbackup/doctor/1',
    ok: true,
    findings: [
      ...FINE,
      { level: 'warning', check: 'folder', message: WARNING.message, fix: ['chmod 700 /b'] },
    ],
    schedule: SCHEDULE,
  });
  expect(JSON.parse(findingsDocument([PROBLEM], SCHEDULE))).toEqual({
    schema: 'dbbackup/doctor/1',
    ok: false,
    exitCode: 1,
    findings: [PROBLEM],
    schedule: SCHEDULE,
  });
});
