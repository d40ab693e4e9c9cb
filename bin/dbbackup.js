#!/usr/bin/env node
// CommonJS, and all that it loads in few files: Node.js starts that with half the work.
const { main } = require('../dist/program/main.cjs');
const { processContext } = require('../dist/program/process-context.cjs');

// Not by falling off the end: there Node gives up its signal handlers first, and a signal that comes then would make a
// killed process of a run that is over and has said so.
void main(process.argv.slice(2), processContext()).then((exitCode) => process.exit(exitCode));
