// Addresses, and the one UDP socket.
#pragma once
#include <netinet/in.h>
#include <sys/socket.h>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace onair {

/** Addresses are IPv6 ones throughout; IPv4 is mapped (::ffff:a.b.c.d), as a dual-stack socket has it. */
struct Endpoint {
  uint8_t ip[16] = {};
  uint16_t port = 0;
  /** The interface of a link-local address; else 0. */
  uint32_t scope = 0;

  bool isIpv4() const;
  bool operator==(const Endpoint& other) const {
    return port == other.port && scope == other.scope && memcmp(ip, other.ip, sizeof ip) == 0;
  }
};

struct EndpointHash {
  size_t operator()(const Endpoint& endpoint) const;
};

/** Both ends of a flow: an answer leaves from the address that the question came to. */
struct Path {
  static constexpr size_t kBytes = 16 + 2 + 4 + 16 + 4;

  Endpoint remote;
  uint8_t local[16] = {};
  uint32_t interface = 0;

  /** As TypeScript keeps it: remote address, port, scope, local address, interface, in network byte order. */
  void write(uint8_t bytes[kBytes]) const;
  static Path read(const uint8_t bytes[kBytes]);
};

/** Some datagrams of one size, but for the last, which may be shorter: what UDP GSO sends at once. */
struct Train {
  Path path;
  const uint8_t* bytes = nullptr;
  size_t length = 0;
  size_t segment = 0;
};

class UdpSocket {
 public:
  UdpSocket() = default;
  ~UdpSocket();
  UdpSocket(const UdpSocket&) = delete;
  UdpSocket& operator=(const UdpSocket&) = delete;

  /** @param bindAddress empty is every address, IPv4 and IPv6 where there is IPv6. @returns 0 or an errno */
  int open(uint16_t port, const std::string& bindAddress);
  int file() const { return file_; }
  uint16_t port() const { return port_; }
  /** True where it takes IPv4 only. */
  bool isIpv4() const { return family_ == AF_INET; }
  bool segments() const { return segments_; }

  /** Up to kBatch datagrams. @returns how many */
  size_t receive();
  const uint8_t* datagram(size_t at) const { return &storage_[at * kDatagramBytes]; }
  uint8_t* datagram(size_t at) { return &storage_[at * kDatagramBytes]; }
  size_t length(size_t at) const { return messages_[at].msg_len; }
  Path path(size_t at) const;

  /** What the system has no room for is not sent. */
  void send(const Path& path, const uint8_t* bytes, size_t length);
  /**
   * Sends trains from `from` on, by GSO where the system can.
   * @returns the first that was not sent, since there is no room for it now; trains.size() once all are
   */
  size_t sendTrains(const std::vector<Train>& trains, size_t from);

  static constexpr size_t kBatch = 64;
  /** UDP_MAX_SEGMENTS of older kernels. */
  static constexpr size_t kMaxSegments = 64;

 private:
  static constexpr size_t kDatagramBytes = 2048;
  static constexpr size_t kControlBytes = 128;

  int openFamily(int family, uint16_t port, const std::string& bindAddress);
  socklen_t fillName(const Endpoint& endpoint, sockaddr_storage& name) const;
  size_t fillControl(const Path& path, uint16_t segment, uint8_t* control) const;
  bool sendSingly(const Train& train);

  int file_ = -1;
  int family_ = AF_INET6;
  uint16_t port_ = 0;
  bool segments_ = true;
  std::vector<uint8_t> storage_;
  std::vector<mmsghdr> messages_;
  std::vector<iovec> vectors_;
  std::vector<sockaddr_storage> names_;
  std::vector<uint8_t> controls_;
};

}  // namespace onair
