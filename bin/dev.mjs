// The appliance from sources: restarts a daemon when its code changes, reloads the page in the browser. Ends with Ctrl-C.
//   node bin/dev.mjs [ARGS of `onair demo`]
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { context } from 'esbuild';
import { createServer } from 'vite';
import { bundleOptions, entries } from './daemon-bundles.mjs';

const target = 'dist';
const given = process.argv.slice(2);
const { values } = parseArgs({
  args: given,
  options: { port: { type: 'string', default: '8080' } },
  strict: false,
});
const origin = `http://localhost:${values.port}`;

/** The demo's supervisor restarts what ends, with the new bundle. */
let demo = null;

function childPids(pid) {
  const tasks = readdirSync(`/proc/${pid}/task`);
  return tasks.flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
}

function restart(name) {
  if (!demo || demo.exitCode !== null) return;
  // A daemon's process title is its name.
  const runs = (pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith(`onair-${name}`);
  // The pipeline's process belongs to media, the advertiser to control.
  const daemon =
    {
      'media-encoder': 'media',
      'media-source': 'media',
      'media-preview': 'media',
      'mdns-advertiser': 'control',
      'outputs-whip': 'outputs',
    }[name] ?? name;
  if (daemon !== name) return restart(daemon);
  for (const pid of childPids(demo.pid).filter(runs)) {
    console.log(`dev: ${name} has changed and restarts`);
    process.kill(pid, 'SIGTERM');
  }
}

/** Rebuilds one daemon on each change of a file it is made of. */
async function watchDaemon(name) {
  let isFirst = true;
  let resolveFirst = () => {};
  const first = new Promise((resolve) => {
    resolveFirst = resolve;
  });
  const notify = {
    name: 'notify',
    setup({ onEnd }) {
      onEnd(({ errors }) => {
        if (!isFirst && errors.length === 0) restart(name);
        isFirst = false;
        resolveFirst();
      });
    },
  };
  const options = bundleOptions(name, target);
  const watched = await context({
    ...options,
    minifyWhitespace: false,
    minifySyntax: false,
    plugins: [...options.plugins, notify],
  });
  await watched.watch();
  await first;
  return watched;
}

/** To control a request of the development server looks as if its own page had sent it. */
const toControl = {
  target: origin,
  changeOrigin: true,
  ws: true,
  configure: (proxy) => {
    const asOwn = (request) => request.setHeader('origin', origin);
    proxy.on('proxyReq', (request) => {
      if (request.getHeader('origin')) asOwn(request);
    });
    proxy.on('proxyReqWs', asOwn);
  },
};

const watching = await Promise.all(Object.keys(entries).map(watchDaemon));
demo = spawn(process.execPath, [`${target}/cli.js`, 'demo', ...given], { stdio: 'inherit' });
const page = await createServer({
  root: 'web-ui',
  logLevel: 'warn',
  server: { port: 5173, proxy: { '^/(api|hls|whep|whip|ws|metrics)(/|$|\\?)': toControl } },
});
await page.listen();
console.log(`dev: the page with hot reload is at ${page.resolvedUrls?.local[0]}`);

const ended = new Promise((resolve) => demo.once('exit', resolve));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => demo.kill(signal));
process.exitCode = (await ended) ?? 0;
await page.close();
await Promise.all(watching.map((one) => one.dispose()));
