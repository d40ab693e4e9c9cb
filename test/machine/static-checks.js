// npm run check runs this first: everything that can be said of the sources without running them. Side by side, since
// each check keeps only one core busy; ESLint takes as long as all the others together.
import { spawn } from 'node:child_process';

/** Scripts of package.json; those of a lane run one after the other. What is built has had its types checked. */
const LANES = [['lint:code'], ['typecheck', 'build -- --noCheck', 'unused', 'lint:format', 'lint:package']];

/**
 * @param {string} script
 * @returns {Promise<boolean>} Whether it passed. What it says is printed when it has ended, so that no two mix.
 */
function passes(script) {
  return new Promise((resolve) => {
    const run = spawn('npm', ['run', '--silent', ...script.split(' ')], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    for (const stream of [run.stdout, run.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        said += text;
      });
    }
    run.on('close', (exitCode) => {
      console.error(`${script}: ${exitCode === 0 ? 'passed' : `failed\n${said}`}`);
      resolve(exitCode === 0);
    });
  });
}

const verdicts = await Promise.all(
  LANES.map(async (lane) => {
    const passed = [];
    for (const script of lane) passed.push(await passes(script));
    return passed;
  }),
);
if (!verdicts.flat().every(Boolean)) process.exitCode = 1;
