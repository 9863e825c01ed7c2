/** What environment variables say, each once; systemd/daemon.env and `onair demo` set them, tests do. */
export interface Environment {
  /** ONAIR_STATE: the runtime directory of a demo; null on the box. */
  stateDirectory: string | null;
  /** ONAIR_DATA: the durable directory, where it is another one. */
  dataDirectory: string | null;
  /** ONAIR_LOG_LEVEL: debug, info, warn, error or silent; undefined is info. */
  logLevel: string | undefined;
  /** ONAIR_SUPERVISED: the demo started this daemon; it keeps logs in files, and nothing outlives it. */
  isSupervised: boolean;
  /** ONAIR_WATCHDOG_MS: how long the demo lets a daemon be silent; null where it does not listen. */
  watchdogMs: number | null;
  /** ONAIR_BOARD: `virtual`, or the name of a board file; undefined finds out. */
  board: string | undefined;
  /** ONAIR_SYSFS and ONAIR_PROCFS: trees that stand in for /sys and /proc. */
  sysRoot: string;
  procRoot: string;
  /** ONAIR_SETTINGS: settings that go before the stored ones, as the JSON that was given. */
  settings: string;
  /** ONAIR_BOOT_SETTINGS: what was read of the card's onair.toml; null where that is not said. */
  bootSettings: string | null;
  /** ONAIR_HTTP_HOST, ONAIR_HTTP_PORT, ONAIR_HTTPS_PORT: where the page is served unless systemd hands over its sockets. */
  http: { host: string; port: number; securePort: number };
  /** ONAIR_CONSOLE_SOCKET: a virtual serial line; null for a real one. */
  consoleSocket: string | null;
  /** ONAIR_CONSOLE_PORT: another serial port than the USB gadget's; null for that. */
  consolePort: string | null;
  /** ONAIR_UPDATE_KEY: the file with the public key (PEM) of who may sign updates of a demo; null where nobody may. */
  updateKey: string | null;
  /** ONAIR_UPDATE_TRIAL_MS: how long a new version has to show that it works. */
  updateTrialMs: number;
}

/** @param variables `process.env` */
export function environmentFrom(variables: NodeJS.ProcessEnv): Environment {
  const {
    ONAIR_STATE,
    ONAIR_DATA,
    ONAIR_LOG_LEVEL,
    ONAIR_SUPERVISED,
    ONAIR_WATCHDOG_MS,
    ONAIR_BOARD,
    ONAIR_SYSFS = '/sys',
    ONAIR_PROCFS = '/proc',
    ONAIR_SETTINGS = '{}',
    ONAIR_BOOT_SETTINGS,
    ONAIR_HTTP_HOST = '::',
    ONAIR_HTTP_PORT = '80',
    ONAIR_HTTPS_PORT = '443',
    ONAIR_CONSOLE_SOCKET,
    ONAIR_CONSOLE_PORT,
    ONAIR_UPDATE_KEY,
    ONAIR_UPDATE_TRIAL_MS = '120000',
  } = variables;
  return {
    stateDirectory: ONAIR_STATE || null,
    dataDirectory: ONAIR_DATA || null,
    logLevel: ONAIR_LOG_LEVEL,
    isSupervised: Boolean(ONAIR_SUPERVISED),
    watchdogMs: Number(ONAIR_WATCHDOG_MS) > 0 ? Number(ONAIR_WATCHDOG_MS) : null,
    board: ONAIR_BOARD,
    sysRoot: ONAIR_SYSFS,
    procRoot: ONAIR_PROCFS,
    settings: ONAIR_SETTINGS,
    bootSettings: ONAIR_BOOT_SETTINGS ?? null,
    http: { host: ONAIR_HTTP_HOST, port: Number(ONAIR_HTTP_PORT), securePort: Number(ONAIR_HTTPS_PORT) },
    consoleSocket: ONAIR_CONSOLE_SOCKET || null,
    consolePort: ONAIR_CONSOLE_PORT ?? null,
    updateKey: ONAIR_UPDATE_KEY || null,
    updateTrialMs: Number(ONAIR_UPDATE_TRIAL_MS),
  };
}
