import { createRequire } from 'node:module';

/** A GObject of the pipeline: its properties are plain properties here. */
export interface GstElement {
  [property: string]: unknown;
}

export interface GstAppSource extends GstElement {
  /** Copies the bytes. @param pts 8 bytes big endian, nanoseconds of running time */
  push(bytes: Buffer, pts: Buffer): void;
}

export interface GstAppSink extends GstElement {
  /** Waits in a thread of the pool for the next buffer, and its caps' fields; null at the end of the stream. */
  pull(callback: (bytes: Buffer | null, caps?: Record<string, unknown>) => void): void;
}

export interface GstPipeline {
  /** May block while a device opens. */
  play(): void;
  stop(): void;
  /** @param seconds whole seconds  @param flags GstSeekFlags */
  seek(seconds: number, flags: number): boolean;
  /** Sends the request upstream from the element's sink pad. */
  forceKeyUnit(elementName: string, count: number): boolean;
  findChild(name: string): GstElement | undefined;
}

export interface GStreamer {
  /** @throws Error with GStreamer's message where the text cannot be made into a pipeline */
  Pipeline: new (
    text: string,
  ) => GstPipeline;
}

/** Loads the native module, and with it GStreamer's registry. */
export function loadGStreamer(): GStreamer {
  return createRequire(import.meta.url)('gstreamer-superficial');
}
