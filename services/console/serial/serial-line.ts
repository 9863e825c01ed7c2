/** What hears a serial line. */
export interface SerialListener {
  /** Somebody may be at the other end from now on: a new conversation begins. */
  attached(): void;
  received(bytes: Uint8Array): void;
  /** The cable is out: whatever was half said is void. */
  detached(): void;
}

/**
 * A serial line to one host, as the console sees it: real or virtual, nothing above knows which. It is opened again
 * and again for as long as it is not closed, and nothing ever waits for the host.
 */
export interface SerialLine {
  start(listener: SerialListener): Promise<void>;
  /**
   * Takes the bytes or drops them at once: false where nobody is there or far too much waits. A host that leaves much
   * unread is not listened to for as long, 5 s at most: then what it has not read is dropped.
   */
  write(bytes: Uint8Array): boolean;
  /** Bytes taken that the host has not. */
  readonly pendingBytes: number;
  /** Ends the connection once the host has all; absent where only the host can, by its cable. */
  hangUp?(): void;
  /** May be called twice and always ends, within a second. */
  close(): Promise<void>;
}
