import { expect, test } from 'vitest';
import { storedObjectsText } from '../../../../src/cli/render/stored-objects.ts';

const NONE = { views: 0, routines: 0, triggers: 0, events: 0 };

test.each([
  { counts: NONE, programs: {}, text: '' },
  { counts: { ...NONE, routines: 1 }, programs: { 'procedure p': 'ab' }, text: '1 procedure' },
  {
    counts: { ...NONE, routines: 2 },
    programs: { 'function f': 'ab', 'function g': 'ab' },
    text: '2 functions',
  },
  {
    counts: { ...NONE, routines: 2 },
    programs: { 'function f': 'ab', 'procedure p': 'ab' },
    text: '2 routines',
  },
  { counts: { ...NONE, routines: 1 }, programs: undefined, text: '1 routine' },
  {
    counts: { views: 1, routines: 0, triggers: 2, events: 1 },
    programs: { 'view v': 'ab' },
    text: '1 view, 2 triggers, 1 event',
  },
])('says "$text"', ({ counts, programs, text }) => {
  expect(storedObjectsText({ counts, programs })).toBe(text);
});
