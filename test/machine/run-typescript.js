// Lets Node 20, which runs no TypeScript yet, run the scripts under test/: node --import ./test/run-typescript.js script.ts
import { register } from 'node:module';

register('./typescript-hooks.js', import.meta.url);
