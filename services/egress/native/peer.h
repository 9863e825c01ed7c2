// One viewer: its transport, its streams and what waits to be sent to it.
#pragma once
#include <deque>
#include <memory>
#include <mutex>
#include <optional>

#include "dtls.h"
#include "network.h"

namespace onair {

enum class Kind : uint8_t { kVideo = 0, kAudio = 1 };

/** The packets of one picture or sound as media made them, with plain headers of twelve bytes. */
struct Frame {
  struct Packet {
    uint32_t offset;
    uint16_t length;
    /** Places after the first packet of the frame; a packet that media sent and that never came leaves one free. */
    uint16_t place;
  };
  uint64_t id = 0;
  Kind kind = Kind::kVideo;
  bool isKey = false;
  /** Of its first packet, counted without a jump over all packets of the stream. */
  uint64_t index = 0;
  int64_t arrivedUs = 0;
  /** Over how long its packets leave. */
  int64_t spreadUs = 0;
  Bytes bytes;
  std::vector<Packet> packets;

  const uint8_t* at(const Packet& packet) const { return bytes.data() + packet.offset; }
};
using SharedFrame = std::shared_ptr<const Frame>;

/** How one viewer's stream is labelled. */
struct StreamLabels {
  uint32_t ssrc = 0;
  uint32_t timestampOffset = 0;
  uint16_t firstSequence = 0;
  uint8_t payloadType = 0;
  /** RFC 4588; payload type 0 is none: then a packet is repeated as it was. */
  uint8_t repeatPayloadType = 0;
  uint32_t repeatSsrc = 0;
  /** Header extensions (RFC 8285, one byte), 1 to 14; 0 is none. */
  uint8_t transportSequenceId = 0;
  uint8_t sendTimeId = 0;
};

/** What TypeScript may look up at any time: written by the network thread. */
struct PeerRecord {
  struct Sent {
    uint32_t timeUs = 0;
    uint16_t bytes = 0;
    bool known = false;
  };
  static constexpr size_t kSentKept = 2048;

  std::mutex mutex;
  uint64_t packets[2] = {};
  uint64_t octets[2] = {};
  uint64_t bytesSent = 0;
  uint64_t skippedFrames = 0;
  uint64_t repeats = 0;
  /** By transport-wide sequence number; empty where it is not negotiated. */
  std::vector<Sent> sent;
};

class Stream {
 public:
  explicit Stream(const StreamLabels& labels) : labels(labels) {}

  /** Where a packet of this frame was sent, for those who miss it. */
  struct Place {
    uint64_t frame = 0;
    uint16_t packet = 0;
    uint16_t sequence = 0;
    bool used = false;
  };
  static constexpr size_t kPlaces = 1024;

  uint16_t sequenceOf(const Frame& frame, const Frame::Packet& packet) const {
    return uint16_t(base + frame.index + packet.place);
  }
  /** The frame follows what was sent last, whatever was left out between. */
  void join(const Frame& frame) { base = uint64_t(next) - frame.index; }
  void sent(const Frame& frame, size_t packet, uint16_t sequence);

  StreamLabels labels;
  uint64_t base = 0;
  uint16_t next = 0;
  uint16_t nextRepeat = 1;
  std::vector<Place> places;
};

struct Pending {
  SharedFrame frame;
  size_t next = 0;
  int64_t queuedUs = 0;
  /** 0 until its first packet is due. */
  int64_t startUs = 0;
  int64_t spreadUs = 0;
  /** It was sent to others before this viewer came. */
  bool catchesUp = false;
};

struct Peer {
  uint32_t id = 0;
  std::unique_ptr<DtlsSession> dtls;
  SrtpSender sender;
  SrtcpReceiver receiver;
  bool connected = false;
  std::optional<Path> path;
  std::vector<Endpoint> routes;
  std::shared_ptr<PeerRecord> record;
  uint16_t transportSequence = 0;

  bool attached = false;
  bool waitsForKey = true;
  bool keyFramesOnly = false;
  std::optional<Stream> streams[2];
  std::deque<Pending> queues[2];
  int64_t repeatSecond = 0;
  int repeatsLeft = 0;
  /** Packets of pictures since then: what is sent again is a part of them at most. */
  int sentSinceSecond = 0;
  int64_t reportSecond = 0;
  int reportBytesLeft = 0;
};

}  // namespace onair
