// Where media sends RTP: loopback sockets, read many packets at once on a thread of their own.
#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace onair {

class InputReader {
 public:
  static constexpr int kSockets = 2;

  /** @param notify is called on the reading thread when packets have come and none were waiting */
  explicit InputReader(std::function<void()> notify) : notify_(std::move(notify)) {}
  ~InputReader() { stop(); }
  InputReader(const InputReader&) = delete;
  InputReader& operator=(const InputReader&) = delete;

  /** Binds the sockets to ports that the system chooses. @returns 0 or an errno */
  int start(int receiveBufferBytes);
  void stop();

  uint16_t port(int socket) const { return ports_[socket]; }
  /**
   * From now on the system takes none but packets of this SSRC, whose bits outside of `mask` may be any: others never
   * reach the receive buffer, so that they can't crowd out media's. @returns 0 or an errno
   */
  int expect(int socket, uint32_t ssrc, uint32_t mask);
  /** Packets that the system dropped: those, and any for which the receive buffer had no room. */
  uint32_t dropped() const;
  /** All packets that wait: the number of the socket (1 byte), the length (2 bytes), the packet; one after the other. */
  std::vector<uint8_t> takePackets();

 private:
  void run();
  /** @returns true if the last packet of socket 0 ends a picture, or there was none */
  bool read();

  std::function<void()> notify_;
  int files_[kSockets] = {-1, -1};
  uint16_t ports_[kSockets] = {};
  int wake_ = -1;
  std::thread thread_;
  std::atomic<bool> stopping_{false};

  std::mutex mutex_;
  std::vector<uint8_t> waiting_;
  /** TypeScript has been told of them. */
  bool notified_ = false;
};

}  // namespace onair
