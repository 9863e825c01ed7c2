#include "engine.h"

#include <errno.h>
#include <openssl/rand.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>
#include <algorithm>

namespace onair {
namespace {

/** What waits for TypeScript: more comes from a flood, and a lost check or report is sent again. */
constexpr size_t kMaxEvents = 4096;
constexpr size_t kMaxRoutes = 16;
constexpr int kReceiveRounds = 8;
constexpr int64_t kIdleUs = 1'000'000;
/** How long a report may wait that says how the link does, and asks for nothing: it is judged four times a second. */
constexpr int64_t kReportsWaitUs = 50'000;
/**
 * What a viewer may tell in a second, each packet counted as some bytes more: reports on 25 Mbit/s are a fifth of it. Who
 * tells more is not listened to for the rest of the second.
 */
constexpr int kReportBytesPerSecond = 64 * 1024;
constexpr int kReportPacketBytes = 128;
/** Between two looks into the socket, so that one look finds what many viewers sent. */
constexpr int64_t kReadEveryUs = 4'000;

int64_t clockUs(clockid_t clock) {
  timespec now;
  clock_gettime(clock, &now);
  return int64_t(now.tv_sec) * 1'000'000 + now.tv_nsec / 1000;
}

int64_t nowUs() { return clockUs(CLOCK_MONOTONIC); }

/**
 * Whether a compound RTCP packet is more than reports: it asks for packets or pictures, or is none that we know.
 * @param bytes decrypted; TypeScript reads what they say
 */
bool asksForMore(const uint8_t* bytes, size_t length) {
  for (size_t at = 0; at + 4 <= length;) {
    uint8_t format = bytes[at] & 0x1f, type = bytes[at + 1];
    bool isReport = type == 200 || type == 201 || type == 202 || (type == 205 && format == 15);
    if (!isReport) return true;
    at += 4 * (size_t(bytes[at + 2] << 8 | bytes[at + 3]) + 1);
  }
  return false;
}

}  // namespace

int Engine::start(uint16_t port, const std::string& bindAddress, const char* profiles) {
  int problem = socket_.open(port, bindAddress);
  if (problem != 0) return problem;
  if (!context_.start(profiles)) return -1;
  wake_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (wake_ < 0) return errno;
  loadSinceUs_ = nowUs();
  thread_ = std::thread([this] { run(); });
  return 0;
}

void Engine::stop() {
  if (!thread_.joinable()) return;
  stopping_ = true;
  post([] {});
  thread_.join();
  close(wake_);
}

void Engine::post(Command command) {
  bool first;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    first = commands_.empty();
    commands_.push_back(std::move(command));
  }
  uint64_t one = 1;
  if (first && ::write(wake_, &one, sizeof one) < 0) return;  // full: it will wake up all the same
}

void Engine::run() {
  int64_t dueUs = 0;
  while (!stopping_) {
    wait(dueUs);
    runCommands();
    int64_t now = nowUs();
    if (now >= readAtUs_) {
      readSocket();
      now = nowUs();
    }
    retransmit(now);
    dueUs = pump(now);
    tellWaiting(now);
    std::lock_guard<std::mutex> lock(mutex_);
    loadCpuUs_ = clockUs(CLOCK_THREAD_CPUTIME_ID);
  }
  runCommands();
  for (auto& [id, peer] : peers_) peer->dtls->close();
  peers_.clear();
}

void Engine::wait(int64_t untilUs) {
  int64_t now = nowUs();
  if (tellAtUs_ != 0) untilUs = std::min(untilUs, tellAtUs_);
  bool reads = handshaking_ || now >= readAtUs_;
  if (!reads) untilUs = std::min(untilUs, readAtUs_);
  int64_t leftUs = std::max<int64_t>(0, std::min(untilUs - now, kIdleUs));
  if (handshaking_) {
    for (auto& [id, peer] : peers_) {
      int64_t timeoutUs = peer->dtls->timeoutUs();
      if (timeoutUs >= 0) leftUs = std::min(leftUs, timeoutUs);
    }
  }
  pollfd files[2] = {{wake_, POLLIN, 0}, {socket_.file(), POLLIN, 0}};
  timespec timeout = {time_t(leftUs / 1'000'000), long(leftUs % 1'000'000 * 1000)};
  ppoll(files, reads ? 2 : 1, &timeout, nullptr);
  if (handshaking_) readAtUs_ = 0;
  if (files[0].revents != 0) {
    uint64_t count;
    if (read(wake_, &count, sizeof count) < 0) return;  // somebody was quicker
  }
}

void Engine::runCommands() {
  std::vector<Command> commands;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    commands.swap(commands_);
  }
  for (Command& command : commands) command();
}

void Engine::readSocket() {
  for (int round = 0; round < kReceiveRounds; round += 1) {
    size_t count = socket_.receive();
    for (size_t at = 0; at < count; at += 1) take(at);
    if (count == UdpSocket::kBatch) continue;
    if (round > 0 || count > 0) readAtUs_ = nowUs() + kReadEveryUs;
    return;
  }
}

/** Who a datagram is for shows in its first byte (RFC 7983). */
void Engine::take(size_t at) {
  size_t length = socket_.length(at);
  uint8_t* bytes = socket_.datagram(at);
  if (length < 8) return;
  Path path = socket_.path(at);
  if (bytes[0] <= 3) {
    tell(Event::Type::kStun, 0, Bytes(bytes, bytes + length), path);
    return;
  }
  auto route = routes_.find(path.remote);
  Peer* peer = route == routes_.end() ? nullptr : find(route->second);
  if (peer == nullptr) return;
  if (bytes[0] >= 20 && bytes[0] <= 63) {
    if (!peer->path) peer->path = path;
    takeDtls(*peer, bytes, length);
  } else if (bytes[0] >= 128 && bytes[0] <= 191 && bytes[1] >= 192 && bytes[1] <= 223 && peer->connected &&
             mayReport(*peer, length)) {
    size_t plain = peer->receiver.unprotect(bytes, length);
    if (plain > 0) report(*peer, Bytes(bytes, bytes + plain));
  }
}

void Engine::takeDtls(Peer& peer, const uint8_t* bytes, size_t length) {
  DtlsSession::State before = peer.dtls->state();
  peer.dtls->receive(bytes, length);
  settle(peer, before);
}

void Engine::settle(Peer& peer, DtlsSession::State before) {
  DtlsSession::State now = peer.dtls->state();
  if (now == before) return;
  if (now == DtlsSession::State::kConnected) {
    peer.connected = peer.dtls->startSrtp(peer.sender, peer.receiver);
    tell(peer.connected ? Event::Type::kConnected : Event::Type::kFailed, peer.id);
    return;
  }
  peer.connected = false;
  tell(now == DtlsSession::State::kClosed ? Event::Type::kClosed : Event::Type::kFailed, peer.id);
}

void Engine::retransmit(int64_t) {
  if (!handshaking_) return;
  handshaking_ = false;
  for (auto& [id, peer] : peers_) {
    DtlsSession::State before = peer->dtls->state();
    if (before != DtlsSession::State::kHandshaking) continue;
    handshaking_ = true;
    if (peer->dtls->timeoutUs() != 0) continue;
    peer->dtls->retransmit();
    settle(*peer, before);
  }
}

void Engine::tell(Event::Type type, uint32_t peer, Bytes data, const Path& path) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    bool lossy = type == Event::Type::kStun || type == Event::Type::kRtcp;
    if (lossy && events_.size() >= kMaxEvents) {
      load_.droppedDatagrams += 1;
      return;
    }
    events_.push_back({type, peer, std::move(data), path});
    if (notified_) return;
    notified_ = true;
  }
  tellAtUs_ = 0;
  notify_();
}

bool Engine::mayReport(Peer& peer, size_t length) {
  int64_t second = nowUs() / 1'000'000;
  if (peer.reportSecond != second) {
    peer.reportSecond = second;
    peer.reportBytesLeft = kReportBytesPerSecond;
  }
  peer.reportBytesLeft -= int(length) + kReportPacketBytes;
  if (peer.reportBytesLeft >= 0) return true;
  std::lock_guard<std::mutex> lock(mutex_);
  load_.droppedDatagrams += 1;
  return false;
}

void Engine::report(Peer& peer, Bytes packet) {
  if (asksForMore(packet.data(), packet.size())) {
    tell(Event::Type::kRtcp, peer.id, std::move(packet));
    return;
  }
  std::lock_guard<std::mutex> lock(mutex_);
  if (events_.size() >= kMaxEvents) {
    load_.droppedDatagrams += 1;
    return;
  }
  events_.push_back({Event::Type::kRtcp, peer.id, std::move(packet), {}});
  if (!notified_ && tellAtUs_ == 0) tellAtUs_ = nowUs() + kReportsWaitUs;
}

void Engine::tellWaiting(int64_t nowUs) {
  if (tellAtUs_ == 0 || nowUs < tellAtUs_) return;
  tellAtUs_ = 0;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (notified_ || events_.empty()) return;
    notified_ = true;
  }
  notify_();
}

std::vector<Event> Engine::takeEvents() {
  std::vector<Event> events;
  std::lock_guard<std::mutex> lock(mutex_);
  events.swap(events_);
  notified_ = false;
  return events;
}

Peer* Engine::find(uint32_t id) {
  auto found = peers_.find(id);
  return found == peers_.end() ? nullptr : found->second.get();
}

void Engine::add(uint32_t id, bool isServer, ExpectedFingerprint expected) {
  auto record = std::make_shared<PeerRecord>();
  {
    std::lock_guard<std::mutex> lock(mutex_);
    records_[id] = record;
  }
  post([this, id, isServer, expected = std::move(expected), record] {
    auto peer = std::make_unique<Peer>();
    Peer* raw = peer.get();
    peer->id = id;
    peer->record = record;
    peer->dtls = std::make_unique<DtlsSession>(context_, isServer, expected, [this, raw](const uint8_t* bytes, size_t length) {
      if (raw->path) socket_.send(*raw->path, bytes, length);
    });
    peers_[id] = std::move(peer);
    handshaking_ = true;
  });
}

void Engine::route(uint32_t id, const Path& path) {
  post([this, id, path] {
    Peer* peer = find(id);
    if (peer == nullptr) return;
    auto [entry, isNew] = routes_.try_emplace(path.remote, id);
    if (!isNew && entry->second == id) return;
    if (peer->routes.size() >= kMaxRoutes) {
      if (isNew) routes_.erase(entry);
      return;
    }
    entry->second = id;
    peer->routes.push_back(path.remote);
  });
}

void Engine::select(uint32_t id, const Path& path) {
  post([this, id, path] {
    Peer* peer = find(id);
    if (peer == nullptr) return;
    peer->path = path;
    DtlsSession::State before = peer->dtls->state();
    peer->dtls->begin();
    settle(*peer, before);
  });
}

void Engine::remove(uint32_t id) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    records_.erase(id);
  }
  post([this, id] {
    Peer* peer = find(id);
    if (peer != nullptr) drop(*peer);
  });
}

void Engine::drop(Peer& peer) {
  flush(nowUs());
  peer.dtls->close();
  for (const Endpoint& endpoint : peer.routes) {
    auto entry = routes_.find(endpoint);
    if (entry != routes_.end() && entry->second == peer.id) routes_.erase(entry);
  }
  peers_.erase(peer.id);
}

void Engine::sendTo(const Path& path, Bytes bytes) {
  post([this, path, bytes = std::move(bytes)] { socket_.send(path, bytes.data(), bytes.size()); });
}

void Engine::send(uint32_t id, Bytes packet) {
  post([this, id, packet = std::move(packet)] {
    Peer* peer = find(id);
    if (peer == nullptr || !peer->connected || !peer->path || packet.size() < 12 || packet.size() > 1500) return;
    uint8_t encrypted[1500 + kMaxSrtpOverhead];
    // RFC 5761, 4: with the marker bit, RTCP's packet types 192 to 223 look like these.
    bool isRtcp = (packet[1] & 0x7f) >= 64 && (packet[1] & 0x7f) <= 95;
    size_t length = isRtcp ? peer->sender.protectRtcp(packet.data(), packet.size(), encrypted)
                           : peer->sender.protectRtp(packet.data(), 12, packet.data() + 12, packet.size() - 12, encrypted);
    if (length > 0) socket_.send(*peer->path, encrypted, length);
  });
}

std::shared_ptr<PeerRecord> Engine::record(uint32_t id) {
  std::lock_guard<std::mutex> lock(mutex_);
  auto found = records_.find(id);
  return found == records_.end() ? nullptr : found->second;
}

Load Engine::takeLoad() {
  std::lock_guard<std::mutex> lock(mutex_);
  int64_t now = nowUs();
  Load load = load_;
  load.busyRatio = double(loadCpuUs_ - loadCpuSeenUs_) / double(std::max<int64_t>(1, now - loadSinceUs_));
  uint64_t all = 0, sum = 0;
  for (uint32_t count : lateness_) all += count;
  for (size_t ms = 0; ms < lateness_.size(); ms += 1) {
    sum += lateness_[ms];
    if (all > 0 && sum * 100 >= all * 95) {
      load.lateMs = double(ms);
      break;
    }
  }
  load.segments = socket_.segments();
  load_ = {};
  lateness_ = {};
  loadSinceUs_ = now;
  loadCpuSeenUs_ = loadCpuUs_;
  return load;
}

}  // namespace onair
