// The whole gate, `npm run check`. ESLint keeps one core busy for as long as all that comes before the tests together;
// so it runs beside them.
import { spawn } from 'node:child_process';

/**
 * Scripts of package.json; those of a lane run one after the other. What is built has had its types checked.
 * `test:collect` finds the file or group that has no test left with Debian's one server, which is all a newcomer has.
 */
const LANES = [
  ['lint:code'],
  ['typecheck', 'build -- --noCheck', 'unused', 'lint:format', 'lint:package', 'test:collect', 'test'],
];

/**
 * @param {string} script
 * @returns {Promise<boolean>} Whether it passed. What it says is printed when it has ended, so that no two mix; what the
 *   tests say at once.
 */
function passes(script) {
  return new Promise((resolve) => {
    const says = script === 'test' ? 'inherit' : 'pipe';
    const run = spawn('npm', ['run', '--silent', ...script.split(' ')], { stdio: ['ignore', says, says] });
    let said = '';
    for (const stream of [run.stdout, run.stderr]) {
      stream?.setEncoding('utf8').on('data', (text) => {
        said += text;
      });
    }
    run.on('close', (exitCode) => {
      console.error(`${script}: ${exitCode === 0 ? 'passed' : `failed\n${said}`}`);
      resolve(exitCode === 0);
    });
  });
}

/** @param {readonly string[]} scripts The first that fails is the last. */
async function allPass(scripts) {
  for (const script of scripts) if (!(await passes(script))) return false;
  return true;
}

const verdicts = await Promise.all(LANES.map(allPass));
if (!verdicts.every(Boolean)) process.exitCode = 1;
