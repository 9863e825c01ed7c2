import { parseArgs } from 'node:util';
import { version } from '#core/version.ts';
import { CliError, type ExitCode } from './cli-error.ts';
import { problemsOf } from './commands/box-problems.ts';
import { goLive, stop } from './commands/broadcast.ts';
import { showCertificate } from './commands/certificate.ts';
import { runConformance } from './commands/conformance.ts';
import { openConsole } from './commands/console.ts';
import { devices } from './commands/devices.ts';
import { examine } from './commands/doctor.ts';
import { showLogs } from './commands/logs.ts';
import { operators } from './commands/operators.ts';
import { outputs } from './commands/outputs.ts';
import { pair } from './commands/pair.ts';
import { press } from './commands/press.ts';
import { record, recordings } from './commands/recording.ts';
import { restart } from './commands/restart.ts';
import { setSetting, showSettings } from './commands/settings.ts';
import { snapshot } from './commands/snapshot.ts';
import { sources } from './commands/sources.ts';
import { showStatus } from './commands/status.ts';
import { wifi } from './commands/wifi.ts';
import { runDemo } from './demo/demo.ts';
import { LinkApi } from './link-api.ts';
import { findPaths } from './state-directory.ts';

const usage = `onair ${version}: press the button, and everybody on the network watches.

  onair demo                  run the whole appliance here, with a virtual board
      --port N                port of the web page (8080)
      --https-port N          its port with TLS (8443)
      --source SOURCE         test (default), auto, csi, file:PATH, v4l2:/dev/videoN, …
      --verbose               show the services' logs
  onair press [--long]        press the virtual board's button
  onair live | stop           go live, or stop
  onair status [--json]       how the box is
  onair settings get [KEY]    show settings
  onair settings set KEY VALUE
  onair pair                  a code that makes a browser the operator of this box
  onair operators [list | revoke ID]
                              who paired with this box
  onair devices [list | add ID [NAME] | remove ID]
                              boxes that join this one as their hub
  onair sources [take ID] [--json]
                              what can be on the air; put another source there
  onair wifi [scan | join NAME [--hidden] | forget NAME]
                              which wireless network the box is in
  onair record [stop]         record the running broadcast, or end that
  onair recordings [--json]   what was recorded, and how much room is left
  onair outputs [--json]      restream destinations, and how each is doing
  onair outputs add NAME URL [--key-stdin] | on ID | off ID | remove ID
  onair snapshot FILE         the newest picture as JPEG (- is standard output)
  onair certificate [--json]  fingerprints of the box's certificate, and how to trust it
  onair console               the demo's serial line in this terminal, as over a USB cable
  onair logs [--follow] [DAEMON]
                              what the services say
  onair restart [services | box]
  onair conformance URL [--kind whep|whip] [--json] [--junit FILE]
                              try a WHEP or WHIP server against its documents
  onair doctor                what is missing on this machine, and what mends it

  --state DIR (or ONAIR_STATE) says which running appliance is meant.
  Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not running.`;

async function run(argv: string[]): Promise<string | null> {
  const { values, positionals } = parse(argv);
  const [command, ...rest] = positionals;
  if (values.version) return version;
  if (values.help || command === undefined || command === 'help') return usage;
  const paths = findPaths(values.state, process.env);
  const api = new LinkApi({ paths });
  switch (command) {
    case 'demo':
      await runDemo({
        port: values.port,
        httpsPort: values['https-port'],
        state: values.state,
        source: values.source,
        verbose: values.verbose === true,
      });
      return null;
    case 'press':
      return await press(paths, { long: values.long === true });
    case 'live':
      return await goLive(api);
    case 'stop':
      return await stop(api);
    case 'status':
      return await showStatus(api, { json: values.json === true });
    case 'certificate':
      return await showCertificate(api, { json: values.json === true });
    case 'console':
      return await openConsole(paths);
    case 'pair':
      return await pair(api);
    case 'operators':
      return await operators(api, rest);
    case 'logs':
      await showLogs(api, {
        daemon: rest[0],
        follow: values.follow === true,
        say: (line) => console.log(line),
      });
      return null;
    case 'restart':
      return await restart(api, rest[0]);
    case 'doctor':
      return await examine(await problemsOf(api));
    case 'wifi':
      return await wifi(api, rest, { hidden: values.hidden === true });
    case 'sources':
      return await sources(api, rest, { json: values.json === true });
    case 'devices':
      return await devices(api, rest);
    case 'snapshot':
      return await snapshot(paths, rest[0]);
    case 'record':
      return await record(api, rest, { json: values.json === true });
    case 'recordings':
      return await recordings(api, rest, { json: values.json === true });
    case 'outputs':
      return await outputs(api, rest, {
        json: values.json === true,
        keyStdin: values['key-stdin'] === true,
      });
    case 'settings':
      if (rest[0] === 'get') return await showSettings(api, rest[1]);
      if (rest[0] === 'set') return await setSetting(api, rest[1], rest[2]);
      throw new CliError(2, 'Usage: onair settings get [KEY] | onair settings set KEY VALUE');
    default:
      throw new CliError(2, `There is no command ${command}. See onair help.`);
  }
}

function parse(argv: string[]) {
  try {
    return parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        port: { type: 'string' },
        'https-port': { type: 'string' },
        state: { type: 'string' },
        source: { type: 'string' },
        verbose: { type: 'boolean' },
        long: { type: 'boolean' },
        'key-stdin': { type: 'boolean' },
        json: { type: 'boolean' },
        hidden: { type: 'boolean' },
        follow: { type: 'boolean', short: 'f' },
        help: { type: 'boolean', short: 'h' },
        version: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new CliError(2, `${error instanceof Error ? error.message : error} See onair help.`);
  }
}

process.stdout.on('error', () => process.exit(0)); // who read it, such as head, has gone
let exitCode: ExitCode = 0;
try {
  const [command, ...rest] = process.argv.slice(2);
  if (command === 'conformance') exitCode = await runConformance(rest);
  else {
    const output = await run(process.argv.slice(2));
    if (output !== null) console.log(output);
  }
} catch (error) {
  exitCode = error instanceof CliError ? error.exitCode : 1;
  console.error(
    `onair: ${error instanceof CliError ? error.message : error instanceof Error ? error.stack : error}`,
  );
}
process.exitCode = exitCode;
