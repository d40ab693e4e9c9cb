import { describe, expect, test } from 'vitest';
import {
  confirmAllowed,
  confirmation,
  refuseUnasked,
  type Confirming,
} from '../../../../src/cli/terminal/confirmation.ts';
import { someRestorePlan } from '../render/some-plans.ts';

const NOBODY: Confirming = {
  given: undefined,
  ask: undefined,
  commandWith: ({ target }) => `dbbackup restore latest --confirm ${target.database}`,
};
const EMPTY_TARGET = someRestorePlan({ needsConfirmation: false });

describe('confirmation', () => {
  test('is given by --confirm with the name of the target', async () => {
    await expect(confirmation({ ...NOBODY, given: 'shop' })(someRestorePlan())).resolves.toBeUndefined();
  });

  test.each([
    ['another database', 'blog', someRestorePlan()],
    ['another case', 'Shop', someRestorePlan()],
    ['another database, although the target is empty', 'blog', EMPTY_TARGET],
  ])('is refused when --confirm names %s', async (_, given, plan) => {
    await expect(confirmation({ ...NOBODY, given })(plan)).rejects.toMatchObject({
      code: 'not-confirmed',
      message: `--confirm names "${given}", but the restore replaces "shop". Nothing was touched.`,
    });
  });

  test('is refused with the command to type when nobody can be asked', async () => {
    await expect(confirmation(NOBODY)(someRestorePlan())).rejects.toMatchObject({
      code: 'not-confirmed',
      hint: 'dbbackup restore latest --confirm shop',
    });
  });

  test('is not needed for an empty target', async () => {
    await expect(confirmation(NOBODY)(EMPTY_TARGET)).resolves.toBeUndefined();
  });

  test('is given by typing the name, and by nothing else', async () => {
    await expect(typing('shop').confirm(someRestorePlan())).resolves.toBeUndefined();
    await expect(typing('yes', 'y', 'Shop').confirm(someRestorePlan())).rejects.toMatchObject({
      code: 'not-confirmed',
      message: 'You typed "Shop", not "shop". Nothing was touched.',
    });
  });

  test('may be given after a slip, and is not asked for again after an empty answer', async () => {
    const slip = typing('shpo', 'shop');
    await expect(slip.confirm(someRestorePlan())).resolves.toBeUndefined();
    expect(slip.questions[1]).toMatch(/^The name does not match\. Type the name /);

    await expect(typing('', 'shop').confirm(someRestorePlan())).rejects.toMatchObject({
      code: 'not-confirmed',
    });
  });
});

describe('statements that no dump program writes', () => {
  const plan = someRestorePlan({ allowedCount: 2 });

  test('are run after the name was typed once more', async () => {
    const questions: string[] = [];
    const typed = ['shpo', 'shop'];
    await confirmAllowed(plan, (question) => {
      questions.push(question);
      return Promise.resolve(typed.shift() ?? '');
    });
    expect(questions).toEqual([
      'To run the 2 statements above, type its name again (shop):',
      'The name does not match. To run the 2 statements above, type its name again (shop):',
    ]);
    await expect(confirmAllowed(plan, () => Promise.resolve('no'))).rejects.toMatchObject({
      code: 'not-confirmed',
      message: 'You typed "no", not "shop". Nothing was touched.',
    });
  });

  test('are refused where nobody can be asked, and not asked about where there are none', async () => {
    expect(() => {
      refuseUnasked(plan);
    }).toThrow(expect.objectContaining({ code: 'not-confirmed' }));
    refuseUnasked(someRestorePlan());
    await confirmAllowed(someRestorePlan(), () => Promise.reject(new Error('asked')));
  });
});

/** Somebody who types these, one after the other. */
function typing(...answers: readonly string[]) {
  const questions: string[] = [];
  const ask = (question: string): Promise<string> => {
    questions.push(question);
    return Promise.resolve(answers[questions.length - 1] ?? '');
  };
  return { questions, confirm: confirmation({ ...NOBODY, ask }) };
}
