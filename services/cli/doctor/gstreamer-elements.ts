/** A GStreamer element that the pipeline may name, and the Debian package it comes in. */
export interface PipelineElement {
  name: string;
  debianPackage: string;
  /** What is lost without it. */
  without: string;
  needed: boolean;
}

const base = 'gstreamer1.0-plugins-base';
const good = 'gstreamer1.0-plugins-good';
const bad = 'gstreamer1.0-plugins-bad';
const ugly = 'gstreamer1.0-plugins-ugly';

export const elements: readonly PipelineElement[] = [
  { name: 'videoconvert', debianPackage: base, without: 'no pictures', needed: true },
  { name: 'x264enc', debianPackage: ugly, without: 'no software H.264 encoder', needed: true },
  { name: 'h264parse', debianPackage: bad, without: 'no H.264 at all', needed: true },
  { name: 'rtph264pay', debianPackage: good, without: 'no WebRTC', needed: true },
  { name: 'opusenc', debianPackage: base, without: 'no sound over WebRTC', needed: true },
  { name: 'gdppay', debianPackage: bad, without: 'no HLS', needed: true },
  { name: 'voaacenc', debianPackage: bad, without: 'no sound over HLS', needed: true },
  { name: 'rtmp2sink', debianPackage: bad, without: 'no restream by RTMP', needed: false },
  { name: 'srtsink', debianPackage: bad, without: 'no restream by SRT', needed: false },
  { name: 'v4l2src', debianPackage: good, without: 'no USB camera', needed: true },
  { name: 'avdec_h264', debianPackage: 'gstreamer1.0-libav', without: 'few clips play', needed: false },
  { name: 'alsasrc', debianPackage: 'gstreamer1.0-alsa', without: 'no microphone', needed: false },
  {
    name: 'libcamerasrc',
    debianPackage: 'gstreamer1.0-libcamera',
    without: 'no camera on the ribbon cable (CSI)',
    needed: false,
  },
];
