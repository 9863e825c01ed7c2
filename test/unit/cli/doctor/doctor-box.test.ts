import t from 'tap';
import { readUnits, unitFinding } from '#cli/doctor/doctor-box.ts';
import { type Finding, machineFinding } from '#cli/doctor/finding.ts';
import { lineOf } from '#operator/commands/doctor.ts';

const describe = (finding: Finding): string => lineOf(machineFinding(finding)).join('\n');

const printed = `Id=onair-control.service
LoadState=loaded
ActiveState=active
Result=success

Id=onair-media.service
LoadState=loaded
ActiveState=activating
Result=watchdog

Id=onair-egress.service
LoadState=loaded
ActiveState=inactive
Result=success

Id=onair-panel.service
LoadState=not-found
ActiveState=inactive
Result=success
`;

t.test('a unit that fails, stands still or is not there is named with what fixes it', async (t) => {
  const [control, media, egress, panel] = readUnits(printed);
  if (!control || !media || !egress || !panel) return t.fail('four units');
  t.equal(describe(unitFinding(control, true)), 'ok       onair-control.service');
  t.match(
    describe(unitFinding(media, true)),
    /WRONG {4}onair-media\.service: it failed \(watchdog\)\n +.*systemctl restart onair-media\.service; .*journalctl/,
  );
  t.match(describe(unitFinding(egress, true)), /WRONG {4}onair-egress\.service: it is not running/);
  t.equal(unitFinding(egress, false).present, true, 'what runs once, or when it is asked, may rest');
  t.match(
    describe(unitFinding(panel, true)),
    /systemd does not know it\n +.*apt-get install --reinstall onair/,
  );
});
