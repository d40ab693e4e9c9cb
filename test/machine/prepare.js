// npm test runs this first: on a machine with nothing but Node and Debian's packages it gets what the tests start.
import { installMissing } from './debian-packages.js';
import { installNodeModules } from './node-modules.js';

try {
  installNodeModules();
  installMissing();
} catch (error) {
  console.error(`The tests cannot start. ${error.message}`);
  process.exitCode = 1;
}
