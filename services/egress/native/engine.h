// The network thread: it owns the socket and every viewer; TypeScript posts what is to be done and takes what happened.
#pragma once
#include <atomic>
#include <functional>
#include <thread>
#include <unordered_map>

#include "peer.h"

namespace onair {

struct Event {
  /** The numbers are TypeScript's too (native-addon.ts). */
  enum class Type : uint8_t { kStun = 0, kRtcp = 1, kConnected = 2, kClosed = 3, kFailed = 4, kKeyFrameNeeded = 5 };
  Type type;
  uint32_t peer;
  Bytes data;
  Path path;
};

/** Since it was asked last. */
struct Load {
  double busyRatio = 0;
  /** From when a frame's last packet was due to when it had gone, 95th percentile and most. */
  double lateMs = 0;
  double mostLateMs = 0;
  uint64_t packets = 0;
  uint64_t bytes = 0;
  uint64_t skippedFrames = 0;
  uint64_t droppedDatagrams = 0;
  bool segments = false;
};

class Engine {
 public:
  /** @param notify is called on the network thread when events have come and none were waiting */
  explicit Engine(std::function<void()> notify) : notify_(std::move(notify)) {}
  ~Engine() { stop(); }
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /** @returns 0 or an errno; -1 where OpenSSL can't */
  int start(uint16_t port, const std::string& bindAddress, const char* profiles);
  /** Ends all viewers, telling them. */
  void stop();

  uint16_t port() const { return socket_.port(); }
  bool isIpv4() const { return socket_.isIpv4(); }
  const std::array<uint8_t, 32>& fingerprint() const { return context_.fingerprint(); }

  // What TypeScript asks for; each is done by the network thread soon.
  void add(uint32_t peer, bool isServer, ExpectedFingerprint expected);
  /** Datagrams from this end of the path are that viewer's. */
  void route(uint32_t peer, const Path& path);
  /** From now on what goes to the viewer takes this path; a client begins the handshake. */
  void select(uint32_t peer, const Path& path);
  void remove(uint32_t peer);
  void sendTo(const Path& path, Bytes bytes);
  void send(uint32_t peer, Bytes packet);
  void attach(uint32_t peer, const StreamLabels& video, const StreamLabels* audio, bool fromLastKeyFrame);
  void setKeyFramesOnly(uint32_t peer, bool only);
  void frame(std::shared_ptr<Frame> frame);
  void resend(uint32_t peer, std::vector<uint16_t> sequences);

  std::vector<Event> takeEvents();
  std::shared_ptr<PeerRecord> record(uint32_t peer);
  Load takeLoad();

 private:
  using Command = std::function<void()>;
  void post(Command command);
  void run();
  void wait(int64_t untilUs);
  void runCommands();
  void readSocket();
  void take(size_t datagram);
  void takeDtls(Peer& peer, const uint8_t* bytes, size_t length);
  void settle(Peer& peer, DtlsSession::State before);
  void retransmit(int64_t nowUs);
  void tell(Event::Type type, uint32_t peer, Bytes data = {}, const Path& path = {});
  /** Whether the viewer has told no more than it may in this second, with this datagram. */
  bool mayReport(Peer& peer, size_t length);
  /** Reports of a viewer; those that ask for nothing wait, so that many reach TypeScript at once. */
  void report(Peer& peer, Bytes packet);
  void tellWaiting(int64_t nowUs);
  Peer* find(uint32_t id);
  void drop(Peer& peer);

  void enqueue(const SharedFrame& frame);
  void attachPeer(Peer& peer, bool fromLastKeyFrame);
  void keep(const SharedFrame& frame);
  void resendTo(Peer& peer, uint16_t sequence);
  /** Sends what is due. @returns when more will be */
  int64_t pump(int64_t nowUs);
  bool pumpQueue(Peer& peer, Kind kind, int64_t nowUs, int64_t& nextUs);
  bool write(Peer& peer, Stream& stream, const Frame& frame, size_t packet, bool isRepeat, int64_t nowUs);
  bool flush(int64_t nowUs);
  void skip(Peer& peer);

  std::function<void()> notify_;
  DtlsContext context_;
  UdpSocket socket_;
  int wake_ = -1;
  std::thread thread_;
  std::atomic<bool> stopping_{false};

  std::mutex mutex_;
  std::vector<Command> commands_;
  std::vector<Event> events_;
  /** TypeScript has been told that events are there. */
  bool notified_ = false;
  std::unordered_map<uint32_t, std::shared_ptr<PeerRecord>> records_;
  Load load_;
  std::array<uint32_t, 257> lateness_ = {};
  int64_t loadSinceUs_ = 0;
  int64_t loadCpuUs_ = 0;
  int64_t loadCpuSeenUs_ = 0;

  // The network thread's own.
  std::unordered_map<uint32_t, std::unique_ptr<Peer>> peers_;
  std::unordered_map<Endpoint, uint32_t, EndpointHash> routes_;
  std::deque<SharedFrame> kept_;
  size_t keptPackets_ = 0;
  uint64_t nextFrame_ = 1;
  Bytes batch_;
  size_t batchUsed_ = 0;
  std::vector<Train> trains_;
  uint32_t trainPeer_ = 0;
  size_t trainSegments_ = 0;
  bool trainOpen_ = false;
  size_t trainsSent_ = 0;
  int64_t blockedSinceUs_ = 0;
  bool handshaking_ = false;
  /** When reports that wait are told; 0 where none do. */
  int64_t tellAtUs_ = 0;
  /** Until then the socket is not read. */
  int64_t readAtUs_ = 0;
};

}  // namespace onair
