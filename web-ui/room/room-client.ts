import type { RoomPlayback } from '#core/domain/room.ts';
import { streamSyncChannel } from '#core/protocol/channels/streamsync.ts';
import { listRooms } from '#core/protocol/endpoints/rooms.ts';
import type { Peer, ServerToClient } from '#core/protocol/streamsync.ts';
import { callApi, socketAddress } from '../page/api.ts';
import type { SharedPace } from '../server/shared-pace.ts';
import type { RoomState } from './room-state.ts';
import { type SyncListener, SyncRefusal, SyncSocket } from './sync-socket.ts';

/** The box's own room, which is always there. */
const roomId = 'main';
/** Many come and go at once: who leads is asked once. */
const askLeadAfterMs = 150;
const askLeadEveryMs = 4_000;

export interface RoomListener {
  /** Something about it changed; `lines` only what was said. */
  changed(what: 'people' | 'lines' | 'deleted' | 'playback'): void;
  lost(): void;
  joined(again: boolean): void;
  /** Out of the room, and not by one's own wish. */
  removed(why: 'removed' | 'full' | 'taken' | 'banned'): void;
}

/** In the room, and again after each break of the connection, until `leave`. */
export class RoomClient {
  readonly state: RoomState;
  readonly #listener: RoomListener;
  readonly #socket: SyncSocket;
  #me: Peer | null = null;
  #wasIn = false;
  #askTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: { state: RoomState; listener: RoomListener; pace: SharedPace }) {
    this.state = options.state;
    this.#listener = options.listener;
    const heard: SyncListener = {
      opened: () => void this.#join(),
      message: (message) => this.#hear(message),
      lost: () => {
        if (this.state.you === null) return; // it was no connection yet
        this.state.leave();
        this.#listener.lost();
      },
      replaced: () => {
        this.leave();
        this.#listener.removed('taken');
      },
    };
    this.#socket = new SyncSocket(socketAddress(streamSyncChannel.path), heard, options.pace);
  }

  join(me: Peer): void {
    this.#me = me;
    this.#wasIn = false;
    this.#socket.start();
  }

  leave(): void {
    this.#me = null;
    clearTimeout(this.#askTimer);
    this.state.leave();
    this.#socket.close();
  }

  /** @throws SyncRefusal */
  async say(text: string): Promise<void> {
    await this.#socket.request({ type: 'chat/send', payload: { roomId, text } });
  }

  /** What all watch from now on; for who leads. @throws SyncRefusal */
  async lead(state: RoomPlayback): Promise<void> {
    await this.#socket.request({
      type: 'watch/playback_state',
      payload: { roomId, state, authoritative: true },
    });
    this.state.lead(state);
    this.#listener.changed('playback');
  }

  async #join(): Promise<void> {
    if (this.#me === null) return;
    try {
      await this.#socket.request({ type: 'room/join', payload: { roomId, client: this.#me } });
      this.#listener.joined(this.#wasIn);
      this.#wasIn = true;
    } catch (error) {
      if (!(error instanceof SyncRefusal)) throw error;
      if (error.code === 'lost') return; // it comes again
      const full = /capacity|full/i.test(error.message);
      const banned = /removed you/i.test(error.message);
      this.leave();
      this.#listener.removed(full ? 'full' : banned ? 'banned' : 'taken');
    }
  }

  #hear(message: ServerToClient): void {
    const what = this.state.hear(message);
    if (what === null) return;
    if (what === 'removed') {
      this.leave();
      this.#listener.removed('removed');
      return;
    }
    if (what === 'people') this.#askWhoLeads();
    this.#listener.changed(what);
  }

  /** StreamSync doesn't say who leads: the list of rooms does. */
  #askWhoLeads(afterMs = askLeadAfterMs): void {
    clearTimeout(this.#askTimer);
    this.#askTimer = setTimeout(async () => {
      const before = this.state.authorityId;
      try {
        const { rooms } = await callApi(listRooms);
        const room = rooms.find(({ id }) => id === roomId);
        this.state.authorityId = room?.leaderId ?? null;
        this.state.hostIds = (room?.members ?? []).filter(({ isHost }) => isHost).map(({ id }) => id);
      } catch {
        this.state.authorityId = null;
      }
      if (this.#me === null) return;
      this.#listener.changed('people');
      if (this.state.authorityId !== before) this.#listener.changed('playback');
      this.#askWhoLeads(askLeadEveryMs); // the operator may name another one
    }, afterMs);
  }
}
