#!/usr/bin/env node
// CommonJS, and all that it loads in few files: Node.js starts that with half the work.
require('../dist/program/start.cjs');
