/** What Home Assistant is told of the box, so that it makes a device of it (MQTT discovery, one message an entity). */

export interface DiscoveredBox {
  /** `device.id`, as far as a topic takes it. */
  nodeId: string;
  name: string;
  version: string;
  /** Where a browser sets the box up. */
  studioUrl: string;
  discoveryPrefix: string;
  /** Only where the board has one. */
  hasBattery: boolean;
  hasTemperature: boolean;
  /** The picture is published at all. */
  hasCamera: boolean;
}

/** A retained message; an empty payload takes the entity away again. */
export interface DiscoveryMessage {
  topic: string;
  payload: string;
}

/** Of all that the box says by MQTT. */
export const baseTopicOf = (nodeId: string): string => `onair/${nodeId}`;

/** Topics take no `+`, `#` and `/`; Home Assistant takes letters, digits, dash and underscore. */
export const nodeIdOf = (deviceId: string): string => deviceId.replace(/[^a-zA-Z0-9_-]/g, '_');

/** Every entity, each with its own topic; the ones that this box does not have are empty. */
export function discoveryMessages(box: DiscoveredBox): DiscoveryMessage[] {
  const base = baseTopicOf(box.nodeId);
  const common = {
    availability_topic: `${base}/availability`,
    device: {
      identifiers: [`onair_${box.nodeId}`],
      name: box.name,
      manufacturer: 'Onair',
      model: 'Onair live-streaming box',
      sw_version: box.version,
      configuration_url: box.studioUrl,
    },
    origin: { name: 'Onair', sw_version: box.version },
  };
  const entity = (
    component: string,
    objectId: string,
    config: Record<string, unknown>,
    isThere = true,
  ): DiscoveryMessage => ({
    topic: `${box.discoveryPrefix}/${component}/onair_${box.nodeId}/${objectId}/config`,
    payload: isThere
      ? JSON.stringify({
          ...common,
          unique_id: `onair_${box.nodeId}_${objectId}`,
          ...config,
        })
      : '',
  });
  const switchOf = (topic: string) => ({
    state_topic: `${base}/${topic}`,
    command_topic: `${base}/${topic}/set`,
    payload_on: 'ON',
    payload_off: 'OFF',
  });
  return [
    entity('camera', 'picture', { name: 'Picture', topic: `${base}/picture` }, box.hasCamera),
    entity('switch', 'live', { name: 'Live', icon: 'mdi:broadcast', ...switchOf('live') }),
    entity('switch', 'recording', { name: 'Recording', icon: 'mdi:record-rec', ...switchOf('recording') }),
    entity('sensor', 'state', {
      name: 'State',
      state_topic: `${base}/state`,
      device_class: 'enum',
      options: ['offline', 'starting', 'live', 'retrying', 'stopping', 'failed'],
      json_attributes_topic: `${base}/reason`,
    }),
    entity('sensor', 'viewers', {
      name: 'Viewers',
      icon: 'mdi:account-eye',
      state_topic: `${base}/viewers`,
      state_class: 'measurement',
    }),
    entity(
      'sensor',
      'battery',
      {
        name: 'Battery',
        state_topic: `${base}/battery`,
        device_class: 'battery',
        state_class: 'measurement',
        unit_of_measurement: '%',
        entity_category: 'diagnostic',
      },
      box.hasBattery,
    ),
    entity(
      'sensor',
      'temperature',
      {
        name: 'Temperature',
        state_topic: `${base}/temperature`,
        device_class: 'temperature',
        state_class: 'measurement',
        unit_of_measurement: '°C',
        entity_category: 'diagnostic',
      },
      box.hasTemperature,
    ),
    entity('binary_sensor', 'problem', {
      name: 'Problem',
      state_topic: `${base}/problem`,
      device_class: 'problem',
      payload_on: 'ON',
      payload_off: 'OFF',
      json_attributes_topic: `${base}/problems`,
      entity_category: 'diagnostic',
    }),
  ];
}
