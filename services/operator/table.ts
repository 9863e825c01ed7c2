import { type AnyCommand, alias } from './command.ts';
import { liveCommand, stopCommand } from './commands/broadcast.ts';
import { cameraCommand } from './commands/camera.ts';
import { certificateCommand } from './commands/certificate.ts';
import { devicesAddCommand, devicesCommand, devicesRemoveCommand } from './commands/devices.ts';
import { doctorCommand } from './commands/doctor.ts';
import { ingestCommand } from './commands/ingest.ts';
import { logsCommand } from './commands/logs.ts';
import { operatorsCommand, operatorsRevokeCommand } from './commands/operators.ts';
import {
  outputsAddCommand,
  outputsCommand,
  outputsOffCommand,
  outputsOnCommand,
  outputsRemoveCommand,
} from './commands/outputs.ts';
import { pairCommand } from './commands/pairing.ts';
import { recordCommand, recordingsCommand, recordStopCommand } from './commands/recording.ts';
import { rebootCommand, restartCommand } from './commands/restart.ts';
import { settingsGetCommand, settingsSetCommand } from './commands/settings.ts';
import { sourcesCommand, sourcesTakeCommand } from './commands/sources.ts';
import { statusCommand } from './commands/status.ts';
import { updateCommand, updateInstallCommand, updateRollbackCommand } from './commands/update.ts';
import {
  wifiCommand,
  wifiForgetCommand,
  wifiHiddenCommand,
  wifiJoinCommand,
  wifiScanCommand,
} from './commands/wifi.ts';

const hidden = true;

/** The commands of an operator, in a shell and on the serial line, in the order of the help. */
export const operatorCommands: readonly AnyCommand[] = [
  statusCommand,
  liveCommand,
  stopCommand,
  settingsGetCommand,
  settingsSetCommand,
  alias('get', { of: settingsGetCommand }),
  alias('set', { of: settingsSetCommand }),
  alias('settings', { of: settingsGetCommand, hidden }),
  sourcesCommand,
  sourcesTakeCommand,
  alias('sources.list', { of: sourcesCommand, hidden }),
  cameraCommand,
  ingestCommand,
  wifiCommand,
  wifiScanCommand,
  wifiJoinCommand,
  wifiHiddenCommand,
  wifiForgetCommand,
  outputsCommand,
  outputsAddCommand,
  outputsOnCommand,
  outputsOffCommand,
  outputsRemoveCommand,
  alias('outputs.list', { of: outputsCommand, hidden }),
  recordCommand,
  recordStopCommand,
  recordingsCommand,
  updateCommand,
  updateInstallCommand,
  updateRollbackCommand,
  pairCommand,
  operatorsCommand,
  operatorsRevokeCommand,
  alias('operators.list', { of: operatorsCommand, hidden }),
  devicesCommand,
  devicesAddCommand,
  devicesRemoveCommand,
  alias('devices.list', { of: devicesCommand, hidden }),
  certificateCommand,
  logsCommand,
  doctorCommand,
  restartCommand,
  rebootCommand,
];
