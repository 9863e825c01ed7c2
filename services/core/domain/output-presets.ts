/** A platform that people know by name: its address is filled in, its key asked for. */
export interface OutputPreset {
  /** Stable, for programs. */
  id: string;
  name: string;
  /** Without the key. */
  url: string;
  /** Where its users find the key. */
  keyPage: string;
  /** What it asks of the stream; sound it always gets, silence where there is no microphone. */
  keyFrameIntervalSeconds: { min: number; max: number };
  maxBitrateKbps: number;
}

/**
 * From the platforms' own pages for encoders: support.google.com/youtube/answer/2853702,
 * help.twitch.tv "Broadcasting Guidelines", facebook.com/business/help/162540111070395.
 */
export const outputPresets: readonly OutputPreset[] = [
  {
    id: 'youtube',
    name: 'YouTube',
    url: 'rtmps://a.rtmps.youtube.com:443/live2',
    keyPage: 'https://studio.youtube.com/channel/UC/livestreaming',
    keyFrameIntervalSeconds: { min: 0.5, max: 4 },
    maxBitrateKbps: 51_000,
  },
  {
    id: 'twitch',
    name: 'Twitch',
    url: 'rtmps://ingest.global-contribute.live-video.net:443/app',
    keyPage: 'https://dashboard.twitch.tv/settings/stream',
    keyFrameIntervalSeconds: { min: 0.5, max: 2 },
    maxBitrateKbps: 6_000,
  },
  {
    id: 'facebook',
    name: 'Facebook',
    url: 'rtmps://live-api-s.facebook.com:443/rtmp',
    keyPage: 'https://www.facebook.com/live/producer',
    keyFrameIntervalSeconds: { min: 0.5, max: 4 },
    maxBitrateKbps: 8_000,
  },
];

/** The platform that an address belongs to; null for any other. */
export function presetOf(url: string): OutputPreset | null {
  const domains: Record<string, RegExp> = {
    youtube: /\.youtube\.com(:|\/)/,
    twitch: /\.(twitch\.tv|live-video\.net)(:|\/)/,
    facebook: /\.facebook\.com(:|\/)/,
  };
  return outputPresets.find(({ id }) => domains[id]?.test(url)) ?? null;
}

/** What the platform would refuse or spoil of the stream as it is set; empty where all is well. */
export function presetComplaints(
  preset: OutputPreset,
  video: { keyFrameIntervalSeconds: number; bitrateKbps: number },
): string[] {
  const { min, max } = preset.keyFrameIntervalSeconds;
  const complaints: string[] = [];
  if (video.keyFrameIntervalSeconds < min || video.keyFrameIntervalSeconds > max) {
    complaints.push(
      `${preset.name} asks for a key frame every ${min} to ${max} s: set video.keyFrameIntervalSeconds.`,
    );
  }
  if (video.bitrateKbps > preset.maxBitrateKbps)
    complaints.push(`${preset.name} takes ${preset.maxBitrateKbps} kbit/s at most: lower video.bitrateKbps.`);
  return complaints;
}
