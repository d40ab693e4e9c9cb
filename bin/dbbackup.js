#!/usr/bin/env node
import { main } from '../dist/cli/main.js';
import { processContext } from '../dist/cli/process/process-context.js';

// Not by falling off the end: there Node gives up its signal handlers first, and a signal that comes then would make a
// killed process of a run that is over and has said so.
process.exit(await main(process.argv.slice(2), processContext()));
