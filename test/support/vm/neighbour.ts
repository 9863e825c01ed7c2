import { execFile } from 'node:child_process';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { checkout } from '../command.ts';
import type { Vm } from './vm.ts';

const execute = promisify(execFile);

/** The neighbour's network, which the box may join. */
export const home = { ssid: 'Home', passphrase: 'correct horse', address: '192.168.77.1' } as const;
const folder = '/run/neighbour';
/** What one radio asks of another, in wpa_supplicant's words; WPA3 protects its management frames too. */
const protections = { WPA2: 'key_mgmt=WPA-PSK', WPA3: 'key_mgmt=SAE\nieee80211w=2' } as const;

/**
 * A radio for the box (`wlan0`) and one for a neighbour, who is a network namespace `home` with `wlan1` in it: both are
 * the kernel's mac80211_hwsim.
 */
export class Neighbour {
  readonly #vm: Vm;

  private constructor(vm: Vm) {
    this.#vm = vm;
  }

  static async moveIn(vm: Vm): Promise<Neighbour> {
    await loadRadios(vm);
    await vm.shell.run(`
      mkdir -p ${folder}; ip netns add home
      iw phy "$(cat /sys/class/net/wlan1/phy80211/name)" set netns name home`);
    return new Neighbour(vm);
  }

  /** Opens their network, with addresses to give away. */
  async openNetwork(security: keyof typeof protections): Promise<void> {
    await this.closeNetwork();
    await this.#write(
      'network.conf',
      `network={
        ssid="${home.ssid}"
        mode=2
        frequency=2412
        proto=RSN
        pairwise=CCMP
        ${protections[security]}
        psk="${home.passphrase}"
      }`,
    );
    await this.run(`
      ip address replace ${home.address}/24 dev wlan1
      wpa_supplicant -B -s -P ${folder}/radio.pid -i wlan1 -c ${folder}/network.conf >/dev/null
      dnsmasq --conf-file=/dev/null --port=0 --interface=wlan1 --bind-interfaces \\
        --dhcp-range=192.168.77.10,192.168.77.50 --dhcp-leasefile=${folder}/leases --pid-file=${folder}/addresses.pid`);
  }

  async closeNetwork(): Promise<void> {
    await this.#vm.shell.run(`
      for pid in ${folder}/*.pid; do [ ! -s "$pid" ] || kill "$(cat "$pid")" 2>/dev/null || true; rm -f "$pid"; done
      ip netns exec home ip address flush dev wlan1`);
  }

  /** Joins a network as their telephone does, with an address of its own choice; resolves once it is in. */
  async join(ssid: string, passphrase: string, address: string): Promise<void> {
    await this.closeNetwork();
    await this.#write(
      'visit.conf',
      `ctrl_interface=${folder}\nnetwork={\nssid="${ssid}"\nkey_mgmt=WPA-PSK\npsk="${passphrase}"\n}`,
    );
    await this.run(
      `wpa_supplicant -B -s -P ${folder}/radio.pid -i wlan1 -c ${folder}/visit.conf >/dev/null
       until wpa_cli -p ${folder} -i wlan1 status | grep -q '^wpa_state=COMPLETED'; do sleep 0.2; done
       ip address replace ${address}/24 dev wlan1`,
      120_000,
    );
  }

  /** A script on the neighbour's machine. */
  async run(script: string, withinMs = 60_000): Promise<string> {
    return await this.#vm.shell.run('ip netns exec home sh -eu', { input: script, withinMs });
  }

  /** What a page request over the radio gets: its status, where it is sent on to, the text. */
  async fetch(url: string, host = ''): Promise<{ status: number; location: string | null; text: string }> {
    const script = `
      import { get } from 'node:http';
      get(${JSON.stringify(url)}, { headers: ${JSON.stringify(host === '' ? {} : { host })}, timeout: 30000 }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (part) => { text += part; }).on('end', () => console.log(
          JSON.stringify({ status: answer.statusCode, location: answer.headers.location ?? null, text })));
      });`;
    const told = await this.#vm.shell.run('ip netns exec home node --input-type=module -', { input: script });
    return JSON.parse(told);
  }

  /** The radios go with them. */
  async moveOut(): Promise<void> {
    await this.closeNetwork();
    await this.#vm.shell.run('ip netns delete home; rmmod mac80211_hwsim');
  }

  async #write(name: string, content: string): Promise<void> {
    await this.#vm.shell.run(`cat >${folder}/${name}`, { input: content });
  }
}

/** The module and what it needs come from beside the image, which need not have them. */
async function loadRadios({ shell, filesFolder }: Vm): Promise<void> {
  const modules = join(filesFolder, 'modules');
  const tool = (name: string): string => join(checkout, 'image/vm', name);
  const { stdout } = await execute(tool('module-list'), [modules, 'mac80211_hwsim']);
  for (const path of stdout.trim().split('\n')) {
    const name = basename(path).replace(/\.ko.*/, '');
    const loaded = await shell.try(`test -d /sys/module/${name.replaceAll('-', '_')}`);
    if (loaded.exitCode === 0) continue;
    const options = name === 'mac80211_hwsim' ? 'radios=2' : '';
    const content = await execute(tool('module-content'), [join(modules, path)], {
      encoding: 'buffer',
      maxBuffer: 64 * 1024 * 1024,
    });
    await shell.run(`cat >/tmp/module.ko && insmod /tmp/module.ko ${options} && rm /tmp/module.ko`, {
      input: content.stdout,
    });
  }
  await shell.run('until [ -e /sys/class/net/wlan1/phy80211 ]; do sleep 0.2; done');
}
