import { runCommandLine } from './command-line.ts';
import { runConformance } from './commands/conformance.ts';

process.stdout.on('error', () => process.exit(0)); // who read it, such as head, has gone
const [command, ...rest] = process.argv.slice(2);
process.exitCode =
  command === 'conformance' && rest.length > 0
    ? await runConformance(rest)
    : await runCommandLine(process.argv.slice(2), {
        environment: process.env,
        output: { print: (text) => console.log(text), complain: (text) => console.error(text) },
      });
