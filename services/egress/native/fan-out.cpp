// What the network thread does with frames: one encode in, each viewer's own packets out.
#include <time.h>
#include <algorithm>

#include "engine.h"

namespace onair {
namespace {

/** What could not leave within this is left out, up to the next key frame. */
constexpr int64_t kMaxQueueUs = 200'000;
/** What a viewer starts on or is sent again: about 2.7 s of 3 Mbit/s. */
constexpr size_t kKeptPackets = 1000;
/** A frame of more packets than this leaves in slots, not as one burst: at 3 Mbit/s a key frame does, others do not. */
constexpr size_t kBurstPackets = 24;
constexpr int64_t kSlotUs = 4'000;
/** What a new viewer catches up with. */
constexpr int64_t kCatchUpUs = 2'000;
constexpr int64_t kCatchUpKeyUs = 8'000;
constexpr size_t kBatchBytes = 1024 * 1024;
constexpr size_t kMaxTrainBytes = 60'000;
constexpr size_t kHeaderBytes = 12;
constexpr size_t kMaxExtensionBytes = 12;
constexpr size_t kMaxPacketBytes = 1500;
/** What a viewer asks for again: half of what it was sent, and some more after a quiet second. */
constexpr int kMinRepeatsPerSecond = 100;
constexpr int kMaxRepeatsPerSecond = 1000;
constexpr int64_t kNever = INT64_MAX / 2;

int64_t nowUs() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t(now.tv_sec) * 1'000'000 + now.tv_nsec / 1000;
}

void write16(uint8_t* to, uint16_t value) {
  to[0] = uint8_t(value >> 8);
  to[1] = uint8_t(value);
}
void write32(uint8_t* to, uint32_t value) {
  write16(to, uint16_t(value >> 16));
  write16(to + 2, uint16_t(value));
}
uint32_t read32(const uint8_t* from) {
  return uint32_t(from[0]) << 24 | uint32_t(from[1]) << 16 | uint32_t(from[2]) << 8 | from[3];
}

/** The header extensions (RFC 8285, 4.2). @returns their bytes, a multiple of four */
size_t writeExtensions(uint8_t* to, const StreamLabels& labels, uint16_t transportSequence, int64_t us) {
  if (labels.transportSequenceId == 0 && labels.sendTimeId == 0) return 0;
  size_t used = 4;
  if (labels.transportSequenceId != 0) {
    to[used] = uint8_t(labels.transportSequenceId << 4 | 1);
    write16(to + used + 1, transportSequence);
    used += 3;
  }
  if (labels.sendTimeId != 0) {
    // 6.18 fixed point seconds.
    uint32_t time = uint32_t((us % 64'000'000) * 262'144 / 1'000'000) & 0xffffff;
    to[used] = uint8_t(labels.sendTimeId << 4 | 2);
    to[used + 1] = uint8_t(time >> 16);
    write16(to + used + 2, uint16_t(time));
    used += 4;
  }
  while (used % 4 != 0) to[used++] = 0;
  write16(to, 0xbede);
  write16(to + 2, uint16_t(used / 4 - 1));
  return used;
}

}  // namespace

void Stream::sent(const Frame& frame, size_t packet, uint16_t sequence) {
  next = uint16_t(sequence + 1);
  if (places.empty()) return;
  places[sequence % kPlaces] = {frame.id, uint16_t(packet), sequence, true};
}

void Engine::attach(uint32_t id, const StreamLabels& video, const StreamLabels* audio, bool fromLastKeyFrame) {
  std::optional<StreamLabels> sound;
  if (audio != nullptr) sound = *audio;
  post([this, id, video, sound, fromLastKeyFrame] {
    Peer* peer = find(id);
    if (peer == nullptr || peer->attached) return;
    peer->streams[0].emplace(video);
    peer->streams[0]->next = video.firstSequence;
    peer->streams[0]->places.resize(Stream::kPlaces);
    if (sound) {
      peer->streams[1].emplace(*sound);
      peer->streams[1]->next = sound->firstSequence;
    }
    if (video.transportSequenceId != 0) {
      std::lock_guard<std::mutex> lock(peer->record->mutex);
      peer->record->sent.resize(PeerRecord::kSentKept);
    }
    peer->attached = true;
    attachPeer(*peer, fromLastKeyFrame);
  });
}

void Engine::attachPeer(Peer& peer, bool fromLastKeyFrame) {
  if (!fromLastKeyFrame) return;
  auto key = std::find_if(kept_.rbegin(), kept_.rend(), [](const SharedFrame& frame) { return frame->isKey; });
  if (key == kept_.rend()) {
    tell(Event::Type::kKeyFrameNeeded, peer.id);
    return;
  }
  peer.waitsForKey = false;
  int64_t now = nowUs();
  peer.streams[0]->join(**(key.base() - 1));
  for (auto frame = key.base() - 1; frame != kept_.end(); ++frame)
    peer.queues[0].push_back({*frame, 0, now, 0, (*frame)->isKey ? kCatchUpKeyUs : kCatchUpUs, true});
}

void Engine::setKeyFramesOnly(uint32_t id, bool only) {
  post([this, id, only] {
    Peer* peer = find(id);
    if (peer != nullptr) peer->keyFramesOnly = only;
  });
}

void Engine::frame(std::shared_ptr<Frame> frame) {
  frame->arrivedUs = nowUs();
  post([this, frame] {
    frame->id = nextFrame_++;
    if (frame->kind == Kind::kVideo) keep(frame);
    enqueue(frame);
  });
}

void Engine::keep(const SharedFrame& frame) {
  kept_.push_back(frame);
  keptPackets_ += frame->packets.size();
  while (keptPackets_ > kKeptPackets && kept_.size() > 1) {
    keptPackets_ -= kept_.front()->packets.size();
    kept_.pop_front();
  }
}

void Engine::enqueue(const SharedFrame& frame) {
  int kind = int(frame->kind);
  for (auto& [id, entry] : peers_) {
    Peer& peer = *entry;
    if (!peer.attached || !peer.connected || !peer.streams[kind]) continue;
    Stream& stream = *peer.streams[kind];
    if (frame->kind == Kind::kAudio) {
      if (stream.base == 0 && stream.next == stream.labels.firstSequence) stream.join(*frame);
      peer.queues[1].push_back({frame, 0, frame->arrivedUs, 0, 0, false});
      continue;
    }
    if (peer.waitsForKey || peer.keyFramesOnly) {
      if (!frame->isKey) continue;
      // Sequence numbers go on without a gap: nobody asks for what was left out.
      if (peer.queues[0].empty()) stream.join(*frame);
      else continue;
      peer.waitsForKey = peer.keyFramesOnly;
    }
    peer.queues[0].push_back({frame, 0, frame->arrivedUs, 0, frame->spreadUs, false});
  }
}

void Engine::skip(Peer& peer) {
  {
    std::lock_guard<std::mutex> lock(peer.record->mutex);
    peer.record->skippedFrames += peer.queues[0].size();
  }
  {
    std::lock_guard<std::mutex> lock(mutex_);
    load_.skippedFrames += peer.queues[0].size();
  }
  peer.queues[0].clear();
  peer.waitsForKey = true;
  tell(Event::Type::kKeyFrameNeeded, peer.id);
}

int64_t Engine::pump(int64_t now) {
  int64_t nextUs = kNever;
  if (!flush(now)) return now + 1'000;
  for (Kind kind : {Kind::kAudio, Kind::kVideo}) {
    for (auto& [id, peer] : peers_) {
      if (!peer->queues[int(kind)].empty() && !pumpQueue(*peer, kind, now, nextUs)) return now + 1'000;
    }
  }
  return flush(now) ? nextUs : now + 1'000;
}

/** @returns false if there is no room to send more now */
bool Engine::pumpQueue(Peer& peer, Kind kind, int64_t now, int64_t& nextUs) {
  std::deque<Pending>& queue = peer.queues[int(kind)];
  if (!peer.path || !peer.connected) {
    queue.clear();
    return true;
  }
  Stream& stream = *peer.streams[int(kind)];
  if (kind == Kind::kAudio) {
    while (!queue.empty() && now - queue.front().queuedUs > kMaxQueueUs) queue.pop_front();
  } else if (now - queue.front().queuedUs - queue.front().spreadUs > kMaxQueueUs) {
    skip(peer);
    return true;
  }
  while (!queue.empty()) {
    Pending& pending = queue.front();
    const Frame& frame = *pending.frame;
    size_t count = frame.packets.size();
    if (pending.startUs == 0) pending.startUs = now;
    size_t due = count;
    int64_t slot = (now - pending.startUs) / kSlotUs;
    if (count > kBurstPackets && pending.spreadUs > kSlotUs) {
      size_t slots = size_t(pending.spreadUs / kSlotUs);
      size_t each = std::max<size_t>(kBurstPackets / 2, (count + slots - 1) / slots);
      due = std::min(count, each * size_t(slot + 1));
    }
    while (pending.next < due) {
      if (!write(peer, stream, frame, pending.next, false, now)) return false;
      pending.next += 1;
    }
    if (pending.next < count) {
      nextUs = std::min(nextUs, pending.startUs + (slot + 1) * kSlotUs);
      return true;
    }
    int64_t lateUs = now - pending.queuedUs - (count > kBurstPackets ? pending.spreadUs : 0);
    {
      std::lock_guard<std::mutex> lock(mutex_);
      size_t lateMs = size_t(std::clamp<int64_t>(lateUs / 1000, 0, int64_t(lateness_.size()) - 1));
      lateness_[lateMs] += 1;
      load_.mostLateMs = std::max(load_.mostLateMs, double(lateUs) / 1000);
    }
    bool catchesUp = pending.catchesUp && queue.size() > 1;
    queue.pop_front();
    if (catchesUp) {
      // A frame each 2 ms: a burst of all would only be lost on a narrow link.
      queue.front().startUs = now + kCatchUpUs;
      for (Pending& later : queue) later.queuedUs = std::max(later.queuedUs, now - kMaxQueueUs / 2);
      nextUs = std::min(nextUs, queue.front().startUs);
      return true;
    }
  }
  return true;
}

/** Encrypts one packet into the batch. @returns false if there is no room to send it now */
bool Engine::write(Peer& peer, Stream& stream, const Frame& frame, size_t at, bool isRepeat, int64_t now) {
  const Frame::Packet& packet = frame.packets[at];
  size_t most = packet.length + 2 + kMaxExtensionBytes + kMaxSrtpOverhead;
  if (batch_.empty()) batch_.resize(kBatchBytes);
  if (trains_.size() >= UdpSocket::kBatch || batchUsed_ + most > batch_.size()) {
    if (!flush(now)) return false;
  }
  const StreamLabels& labels = stream.labels;
  bool separate = isRepeat && labels.repeatPayloadType != 0;
  const uint8_t* plain = frame.at(packet);
  uint16_t sequence = stream.sequenceOf(frame, packet);
  uint8_t header[kHeaderBytes + kMaxExtensionBytes + 2];
  memcpy(header, plain, kHeaderBytes);
  header[1] = uint8_t((plain[1] & 0x80) | (separate ? labels.repeatPayloadType : labels.payloadType));
  write16(header + 2, separate ? stream.nextRepeat++ : sequence);
  write32(header + 4, read32(plain + 4) + labels.timestampOffset);
  write32(header + 8, separate ? labels.repeatSsrc : labels.ssrc);
  size_t headerLength = kHeaderBytes + writeExtensions(header + kHeaderBytes, labels, peer.transportSequence, now);
  if (headerLength > kHeaderBytes) header[0] |= 0x10;
  const uint8_t* payload = plain + kHeaderBytes;
  size_t payloadLength = packet.length - kHeaderBytes;
  uint8_t repeated[kMaxPacketBytes + 2];
  if (separate) {
    if (payloadLength > kMaxPacketBytes) return true;
    write16(repeated, sequence);
    memcpy(repeated + 2, payload, payloadLength);
    payload = repeated;
    payloadLength += 2;
  }
  uint8_t* out = batch_.data() + batchUsed_;
  size_t length = peer.sender.protectRtp(header, headerLength, payload, payloadLength, out);
  if (length == 0) return true;

  Train* last = trains_.empty() ? nullptr : &trains_.back();
  bool follows = trainOpen_ && last != nullptr && trainPeer_ == peer.id && length <= last->segment &&
                 trainSegments_ < UdpSocket::kMaxSegments && last->length + length <= kMaxTrainBytes;
  if (follows) {
    last->length += length;
    trainSegments_ += 1;
    trainOpen_ = length == last->segment;
  } else {
    trains_.push_back({*peer.path, out, length, length});
    trainPeer_ = peer.id;
    trainSegments_ = 1;
    trainOpen_ = true;
  }
  batchUsed_ += length;
  if (!isRepeat) {
    stream.sent(frame, at, sequence);
    peer.sentSinceSecond += 1;
  }

  PeerRecord& record = *peer.record;
  std::lock_guard<std::mutex> lock(record.mutex);
  record.bytesSent += length;
  if (!record.sent.empty() && labels.transportSequenceId != 0)
    record.sent[peer.transportSequence % PeerRecord::kSentKept] = {uint32_t(now), uint16_t(length), true};
  if (labels.transportSequenceId != 0) peer.transportSequence += 1;
  if (isRepeat) {
    record.repeats += 1;
  } else {
    record.packets[int(frame.kind)] += 1;
    record.octets[int(frame.kind)] += payloadLength;
  }
  return true;
}

/** Sends the batch. @returns false if a part of it has to wait */
bool Engine::flush(int64_t now) {
  if (trains_.empty()) return true;
  size_t before = trainsSent_;
  trainsSent_ = socket_.sendTrains(trains_, trainsSent_);
  trainOpen_ = false;
  uint64_t packets = 0, bytes = 0;
  for (size_t at = before; at < trainsSent_; at += 1) {
    packets += (trains_[at].length + trains_[at].segment - 1) / trains_[at].segment;
    bytes += trains_[at].length;
  }
  {
    std::lock_guard<std::mutex> lock(mutex_);
    load_.packets += packets;
    load_.bytes += bytes;
  }
  if (trainsSent_ < trains_.size()) {
    if (blockedSinceUs_ == 0) blockedSinceUs_ = now;
    if (now - blockedSinceUs_ <= kMaxQueueUs) return false;
  }
  blockedSinceUs_ = 0;
  trains_.clear();
  trainsSent_ = 0;
  batchUsed_ = 0;
  return true;
}

void Engine::resend(uint32_t id, std::vector<uint16_t> sequences) {
  post([this, id, sequences = std::move(sequences)] {
    Peer* peer = find(id);
    if (peer == nullptr || !peer->connected || !peer->attached || !peer->path) return;
    for (uint16_t sequence : sequences) resendTo(*peer, sequence);
  });
}

void Engine::resendTo(Peer& peer, uint16_t sequence) {
  int64_t now = nowUs();
  if (peer.repeatSecond != now / 1'000'000) {
    peer.repeatSecond = now / 1'000'000;
    peer.repeatsLeft = std::clamp(peer.sentSinceSecond / 2, kMinRepeatsPerSecond, kMaxRepeatsPerSecond);
    peer.sentSinceSecond = 0;
  }
  Stream& stream = *peer.streams[0];
  const Stream::Place& place = stream.places[sequence % Stream::kPlaces];
  if (!place.used || place.sequence != sequence || kept_.empty() || place.frame < kept_.front()->id) return;
  if (peer.repeatsLeft <= 0) return;
  auto frame = std::lower_bound(kept_.begin(), kept_.end(), place.frame,
                                [](const SharedFrame& each, uint64_t id) { return each->id < id; });
  if (frame == kept_.end() || (*frame)->id != place.frame) return;
  peer.repeatsLeft -= 1;
  // Its place in the sequence is that of the time when it was sent, whatever was left out since.
  uint64_t base = stream.base;
  stream.base = uint64_t(sequence) - (*frame)->index - (*frame)->packets[place.packet].place;
  write(peer, stream, **frame, place.packet, true, now);
  stream.base = base;
}

}  // namespace onair
