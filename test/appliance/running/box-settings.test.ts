import t from 'tap';
import { callLink, linkStatus } from '../../support/vm/guest-box.ts';
import { runningBox, standardBox } from '../../support/vm/standard-box.ts';

const vm = await runningBox(t);
const { shell } = vm;

interface SettingsRead {
  device: { name: string };
  broadcast: { title: string };
  video: { width: number; height: number; framesPerSecond: number; bitrateKbps: number };
  network: { hostname: string; wifi: { country: string | null } };
}

t.test('onair.toml is applied: name, host name, country, settings', async (t) => {
  const settings = (await callLink(shell, 'GET', '/api/v1/settings')) as SettingsRead;
  t.equal(settings.device.name, standardBox.name);
  t.equal(settings.broadcast.title, standardBox.title);
  t.match(settings.video, standardBox.video);
  t.equal(settings.network.hostname, standardBox.hostname);
  t.equal(settings.network.wifi.country, standardBox.country);
  t.equal(await shell.run('hostname'), standardBox.hostname);
  const { device } = await linkStatus(shell);
  t.match(device, { name: standardBox.name, hostname: standardBox.hostname });
});

t.test('its secrets are gone from the card, and where they belong', async (t) => {
  const card = await shell.run('cat /boot/firmware/onair.toml');
  t.notMatch(card, standardBox.wifi.passphrase);
  t.match(card, `ssid = "${standardBox.wifi.ssid}"`, 'what is no secret stays');
  t.match(card, 'ssh_key = "ssh-ed25519 ', 'so does the key that lets in');
  const connection = '/etc/NetworkManager/system-connections/onair.toml.nmconnection';
  t.match(await shell.run(`cat ${connection}`), standardBox.wifi.passphrase);
  t.equal(await shell.run(`stat -c '%a %U' ${connection}`), '600 root');
  t.notMatch(await shell.run('journalctl --no-pager -b'), standardBox.wifi.passphrase, 'no log has it');
});
