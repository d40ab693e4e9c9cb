import { main } from './main.ts';
import { processContext } from './process/process-context.ts';

// Not by falling off the end: there Node gives up its signal handlers first, and a signal that comes then would make a
// killed process of a run that is over and has said so.
void main(process.argv.slice(2), processContext()).then((exitCode) => process.exit(exitCode));
