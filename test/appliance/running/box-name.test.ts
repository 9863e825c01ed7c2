import t from 'tap';
import { resolveInSecondNetwork } from '../../support/vm/second-network.ts';
import { runningBox, standardBox } from '../../support/vm/standard-box.ts';

const vm = await runningBox(t);

t.test('its name resolves on another machine of the network, which gets the page by it', async (t) => {
  const seen = await resolveInSecondNetwork(vm.shell, standardBox.hostname);
  t.equal(seen.address, '10.77.0.1');
  t.match(seen.page, /<title>/);
  const [service] = seen.services;
  t.match(service?.name, standardBox.name);
  t.match(service?.text, { path: '/', whep: '/whep', live: '0' });
  t.equal(service?.port, 80);
});
