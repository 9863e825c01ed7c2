/** What a browser calls for the box's page: "http://onair.local", with its port unless that is 80. */
export function webAddress(host: string, port: number | null): string {
  return `http://${host}${port === null || port === 80 ? '' : `:${port}`}`;
}

/** Where the page is for others on the network: by name, and by number; nowhere without a network. */
export function pageAddresses(status: {
  device: { hostname: string; address: string | null };
  ports: { http: number | null };
}): string[] {
  const { device, ports } = status;
  return device.address === null ? [] : [webAddress(`${device.hostname}.local`, ports.http), device.address];
}
