#include "network.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/udp.h>
#include <unistd.h>
#include <algorithm>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

namespace onair {
namespace {

constexpr uint8_t kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr int kBufferBytes = 2 * 1024 * 1024;

bool isLinkLocal(const uint8_t ip[16]) { return ip[0] == 0xfe && (ip[1] & 0xc0) == 0x80; }
bool isIpv4LinkLocal(const uint8_t ip[16]) {
  return memcmp(ip, kMapped, sizeof kMapped) == 0 && ip[12] == 169 && ip[13] == 254;
}
bool isUnset(const uint8_t ip[16]) {
  static constexpr uint8_t zeros[16] = {};
  return memcmp(ip, zeros, 16) == 0;
}

void write32(uint8_t* to, uint32_t value) {
  value = htonl(value);
  memcpy(to, &value, 4);
}
uint32_t read32(const uint8_t* from) {
  uint32_t value;
  memcpy(&value, from, 4);
  return ntohl(value);
}

}  // namespace

bool Endpoint::isIpv4() const { return memcmp(ip, kMapped, sizeof kMapped) == 0; }

size_t EndpointHash::operator()(const Endpoint& endpoint) const {
  uint64_t hash = 0xcbf29ce484222325ull ^ endpoint.port;
  for (uint8_t byte : endpoint.ip) hash = (hash ^ byte) * 0x100000001b3ull;
  return size_t(hash ^ hash >> 29);
}

void Path::write(uint8_t bytes[kBytes]) const {
  memcpy(bytes, remote.ip, 16);
  bytes[16] = uint8_t(remote.port >> 8);
  bytes[17] = uint8_t(remote.port);
  write32(bytes + 18, remote.scope);
  memcpy(bytes + 22, local, 16);
  write32(bytes + 38, interface);
}

Path Path::read(const uint8_t bytes[kBytes]) {
  Path path;
  memcpy(path.remote.ip, bytes, 16);
  path.remote.port = uint16_t(bytes[16] << 8 | bytes[17]);
  path.remote.scope = read32(bytes + 18);
  memcpy(path.local, bytes + 22, 16);
  path.interface = read32(bytes + 38);
  return path;
}

UdpSocket::~UdpSocket() {
  if (file_ >= 0) close(file_);
}

int UdpSocket::open(uint16_t port, const std::string& bindAddress) {
  bool wantsIpv4 = !bindAddress.empty() && bindAddress.find(':') == std::string::npos;
  int problem = openFamily(wantsIpv4 ? AF_INET : AF_INET6, port, bindAddress);
  // A machine without IPv6: IPv4 alone is fine then.
  if (bindAddress.empty() && (problem == EAFNOSUPPORT || problem == EADDRNOTAVAIL))
    problem = openFamily(AF_INET, port, bindAddress);
  if (problem != 0) return problem;
  storage_.resize(kBatch * kDatagramBytes);
  messages_.resize(kBatch);
  vectors_.resize(kBatch);
  names_.resize(kBatch);
  controls_.resize(kBatch * kControlBytes);
  return 0;
}

int UdpSocket::openFamily(int family, uint16_t port, const std::string& bindAddress) {
  if (file_ >= 0) close(file_);
  family_ = family;
  file_ = socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (file_ < 0) return errno;
  int on = 1, off = 0;
  setsockopt(file_, SOL_SOCKET, SO_SNDBUF, &kBufferBytes, sizeof kBufferBytes);
  setsockopt(file_, SOL_SOCKET, SO_RCVBUF, &kBufferBytes, sizeof kBufferBytes);
  sockaddr_storage name = {};
  socklen_t length;
  if (family == AF_INET6) {
    setsockopt(file_, IPPROTO_IPV6, IPV6_V6ONLY, bindAddress.empty() ? &off : &on, sizeof on);
    setsockopt(file_, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on);
    auto* address = reinterpret_cast<sockaddr_in6*>(&name);
    address->sin6_family = AF_INET6;
    address->sin6_port = htons(port);
    length = sizeof *address;
    if (!bindAddress.empty() && inet_pton(AF_INET6, bindAddress.c_str(), &address->sin6_addr) != 1) return EINVAL;
  } else {
    setsockopt(file_, IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
    auto* address = reinterpret_cast<sockaddr_in*>(&name);
    address->sin_family = AF_INET;
    address->sin_port = htons(port);
    length = sizeof *address;
    if (!bindAddress.empty() && inet_pton(AF_INET, bindAddress.c_str(), &address->sin_addr) != 1) return EINVAL;
  }
  if (bind(file_, reinterpret_cast<sockaddr*>(&name), length) != 0) return errno;
  length = sizeof name;
  getsockname(file_, reinterpret_cast<sockaddr*>(&name), &length);
  port_ = ntohs(family == AF_INET6 ? reinterpret_cast<sockaddr_in6*>(&name)->sin6_port
                                   : reinterpret_cast<sockaddr_in*>(&name)->sin_port);
  int segment = 0;
  segments_ = setsockopt(file_, SOL_UDP, UDP_SEGMENT, &segment, sizeof segment) == 0;
  return 0;
}

size_t UdpSocket::receive() {
  for (size_t at = 0; at < kBatch; at += 1) {
    vectors_[at] = {datagram(at), kDatagramBytes};
    msghdr& header = messages_[at].msg_hdr;
    header = {};
    header.msg_name = &names_[at];
    header.msg_namelen = sizeof names_[at];
    header.msg_iov = &vectors_[at];
    header.msg_iovlen = 1;
    header.msg_control = &controls_[at * kControlBytes];
    header.msg_controllen = kControlBytes;
  }
  int count = recvmmsg(file_, messages_.data(), kBatch, MSG_DONTWAIT, nullptr);
  return count < 0 ? 0 : size_t(count);
}

Path UdpSocket::path(size_t at) const {
  Path path;
  if (names_[at].ss_family == AF_INET6) {
    const auto& name = reinterpret_cast<const sockaddr_in6&>(names_[at]);
    memcpy(path.remote.ip, &name.sin6_addr, 16);
    path.remote.port = ntohs(name.sin6_port);
    path.remote.scope = isLinkLocal(path.remote.ip) ? name.sin6_scope_id : 0;
  } else {
    const auto& name = reinterpret_cast<const sockaddr_in&>(names_[at]);
    memcpy(path.remote.ip, kMapped, sizeof kMapped);
    memcpy(path.remote.ip + 12, &name.sin_addr, 4);
    path.remote.port = ntohs(name.sin_port);
  }
  auto& header = const_cast<msghdr&>(messages_[at].msg_hdr);
  for (cmsghdr* item = CMSG_FIRSTHDR(&header); item != nullptr; item = CMSG_NXTHDR(&header, item)) {
    if (item->cmsg_level == IPPROTO_IPV6 && item->cmsg_type == IPV6_PKTINFO) {
      in6_pktinfo info;
      memcpy(&info, CMSG_DATA(item), sizeof info);
      memcpy(path.local, &info.ipi6_addr, 16);
      path.interface = info.ipi6_ifindex;
    } else if (item->cmsg_level == IPPROTO_IP && item->cmsg_type == IP_PKTINFO) {
      in_pktinfo info;
      memcpy(&info, CMSG_DATA(item), sizeof info);
      memcpy(path.local, kMapped, sizeof kMapped);
      memcpy(path.local + 12, &info.ipi_addr, 4);
      path.interface = uint32_t(info.ipi_ifindex);
    }
  }
  // The routes say which interface leads to an address, but for one that several links may have.
  if (!isLinkLocal(path.local) && !isIpv4LinkLocal(path.local)) path.interface = 0;
  return path;
}

socklen_t UdpSocket::fillName(const Endpoint& endpoint, sockaddr_storage& storage) const {
  if (family_ == AF_INET6) {
    auto& name = reinterpret_cast<sockaddr_in6&>(storage);
    name = {};
    name.sin6_family = AF_INET6;
    name.sin6_port = htons(endpoint.port);
    name.sin6_scope_id = endpoint.scope;
    memcpy(&name.sin6_addr, endpoint.ip, 16);
    return sizeof name;
  }
  auto& name = reinterpret_cast<sockaddr_in&>(storage);
  name = {};
  name.sin_family = AF_INET;
  name.sin_port = htons(endpoint.port);
  memcpy(&name.sin_addr, endpoint.ip + 12, 4);
  return endpoint.isIpv4() ? socklen_t(sizeof name) : 0;
}

size_t UdpSocket::fillControl(const Path& path, uint16_t segment, uint8_t* control) const {
  size_t used = 0;
  auto add = [&](int level, int type, const void* data, size_t length) {
    auto* item = reinterpret_cast<cmsghdr*>(control + used);
    memset(item, 0, CMSG_SPACE(length));
    item->cmsg_level = level;
    item->cmsg_type = type;
    item->cmsg_len = CMSG_LEN(length);
    memcpy(CMSG_DATA(item), data, length);
    used += CMSG_SPACE(length);
  };
  if (!isUnset(path.local)) {
    if (family_ == AF_INET6) {
      in6_pktinfo info = {};
      memcpy(&info.ipi6_addr, path.local, 16);
      info.ipi6_ifindex = path.interface;
      add(IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info);
    } else {
      in_pktinfo info = {};
      memcpy(&info.ipi_spec_dst, path.local + 12, 4);
      info.ipi_ifindex = int(path.interface);
      add(IPPROTO_IP, IP_PKTINFO, &info, sizeof info);
    }
  }
  if (segment > 0) add(SOL_UDP, UDP_SEGMENT, &segment, sizeof segment);
  return used;
}

void UdpSocket::send(const Path& path, const uint8_t* bytes, size_t length) {
  Train train;
  train.path = path;
  train.bytes = bytes;
  train.length = length;
  train.segment = length;
  sendSingly(train);
}

/** @returns false if there is no room now */
bool UdpSocket::sendSingly(const Train& train) {
  sockaddr_storage name;
  alignas(cmsghdr) uint8_t control[kControlBytes];
  socklen_t nameLength = fillName(train.path.remote, name);
  if (nameLength == 0) return true;
  for (size_t at = 0; at < train.length; at += train.segment) {
    iovec vector = {const_cast<uint8_t*>(train.bytes) + at, std::min(train.segment, train.length - at)};
    msghdr header = {};
    header.msg_name = &name;
    header.msg_namelen = nameLength;
    header.msg_iov = &vector;
    header.msg_iovlen = 1;
    header.msg_controllen = fillControl(train.path, 0, control);
    header.msg_control = header.msg_controllen == 0 ? nullptr : control;
    if (sendmsg(file_, &header, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 && at == 0 && (errno == EAGAIN || errno == ENOBUFS))
      return false;
  }
  return true;
}

size_t UdpSocket::sendTrains(const std::vector<Train>& trains, size_t from) {
  while (from < trains.size()) {
    size_t count = 0;
    for (size_t at = from; at < trains.size() && count < kBatch; at += 1, count += 1) {
      const Train& train = trains[at];
      bool several = train.length > train.segment;
      if (several && !segments_) break;
      vectors_[count] = {const_cast<uint8_t*>(train.bytes), train.length};
      msghdr& header = messages_[count].msg_hdr;
      header = {};
      header.msg_namelen = fillName(train.path.remote, names_[count]);
      if (header.msg_namelen == 0) break;
      header.msg_name = &names_[count];
      header.msg_iov = &vectors_[count];
      header.msg_iovlen = 1;
      uint8_t* control = &controls_[count * kControlBytes];
      header.msg_controllen = fillControl(train.path, several ? uint16_t(train.segment) : 0, control);
      header.msg_control = header.msg_controllen == 0 ? nullptr : control;
    }
    int sent = count == 0 ? -1 : sendmmsg(file_, messages_.data(), unsigned(count), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent > 0) {
      from += size_t(sent);
      continue;
    }
    if (count > 0 && (errno == EAGAIN || errno == ENOBUFS)) return from;
    // EIO: this network device can't; EINVAL: this path takes no packets of that size in one go.
    if (count > 0 && errno == EIO) segments_ = false;
    if (!sendSingly(trains[from])) return from;
    from += 1;
  }
  return from;
}

}  // namespace onair
