/**
 * The npm packages with compiled parts: bundles leave them out and load them from node_modules at run time, and the
 * Debian package brings them along.
 */
export const nativePackages = [
  '@serialport/bindings-cpp',
  'epoll',
  'gstreamer-superficial',
  'mdns',
  'node-datachannel',
  'onoff',
];
