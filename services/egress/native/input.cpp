#include "input.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>
#include <array>

namespace onair {
namespace {

constexpr size_t kBatch = 64;
/** Nothing longer can be media's: TypeScript refuses it, as what it is cut to. */
constexpr size_t kPacketBytes = 1600;
/** A picture's packets come one after the other; this long the rest of one is waited for. */
constexpr int kPictureWaitMs = 2;
/** What waits for TypeScript, should it be held up: then the oldest goes. A quarter of a second at 25 Mbit/s. */
constexpr size_t kMaxWaitingBytes = 1024 * 1024;
/** Where the SSRC is to a filter, which sees the UDP header, too. */
constexpr uint32_t kSsrcAt = 8 + 8;

struct Batch {
  std::array<uint8_t, kBatch * kPacketBytes> storage;
  std::array<iovec, kBatch> vectors;
  std::array<mmsghdr, kBatch> messages;
};

bool endsPicture(const uint8_t* packet, size_t length) { return length < 2 || (packet[1] & 0x80) != 0; }

}  // namespace

int InputReader::start(int receiveBufferBytes) {
  for (int at = 0; at < kSockets; at += 1) {
    files_[at] = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (files_[at] < 0) return errno;
    setsockopt(files_[at], SOL_SOCKET, SO_RCVBUF, &receiveBufferBytes, sizeof receiveBufferBytes);
    // Only programs on this machine can reach a loopback address.
    sockaddr_in name = {};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof name;
    if (bind(files_[at], reinterpret_cast<sockaddr*>(&name), length) != 0) return errno;
    getsockname(files_[at], reinterpret_cast<sockaddr*>(&name), &length);
    ports_[at] = ntohs(name.sin_port);
  }
  wake_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (wake_ < 0) return errno;
  thread_ = std::thread([this] { run(); });
  return 0;
}

int InputReader::expect(int socket, uint32_t ssrc, uint32_t mask) {
  sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kSsrcAt),  // what is too short to have one is dropped here
      BPF_STMT(BPF_ALU | BPF_AND | BPF_K, mask),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ssrc & mask, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, 0xffffffff),
      BPF_STMT(BPF_RET | BPF_K, 0),
  };
  sock_fprog program = {sizeof code / sizeof *code, code};
  return setsockopt(files_[socket], SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0 ? 0 : errno;
}

uint32_t InputReader::dropped() const {
  uint32_t sum = 0;
  for (int file : files_) {
    uint32_t values[SK_MEMINFO_VARS] = {};
    socklen_t length = sizeof values;
    if (getsockopt(file, SOL_SOCKET, SO_MEMINFO, values, &length) == 0) sum += values[SK_MEMINFO_DROPS];
  }
  return sum;
}

void InputReader::stop() {
  if (thread_.joinable()) {
    stopping_ = true;
    uint64_t one = 1;
    if (write(wake_, &one, sizeof one) == sizeof one) thread_.join();
  }
  for (int* file : {&files_[0], &files_[1], &wake_}) {
    if (*file >= 0) close(*file);
    *file = -1;
  }
}

void InputReader::run() {
  bool whole = true;
  pollfd files[kSockets + 1] = {{files_[0], POLLIN, 0}, {files_[1], POLLIN, 0}, {wake_, POLLIN, 0}};
  while (!stopping_) {
    if (whole) {
      poll(files, kSockets + 1, -1);
    } else {
      // Not for the next packet, but for all of the picture: one look finds them.
      poll(files + kSockets, 1, kPictureWaitMs);
    }
    if (stopping_) return;
    whole = read() || !whole;
    if (!whole) continue;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      if (waiting_.empty() || notified_) continue;
      notified_ = true;
    }
    notify_();
  }
}

bool InputReader::read() {
  static thread_local Batch batch;
  bool whole = true;
  for (int at = 0; at < kSockets; at += 1) {
    for (size_t count = kBatch; count == kBatch;) {
      for (size_t each = 0; each < kBatch; each += 1) {
        batch.vectors[each] = {&batch.storage[each * kPacketBytes], kPacketBytes};
        batch.messages[each] = {};
        batch.messages[each].msg_hdr.msg_iov = &batch.vectors[each];
        batch.messages[each].msg_hdr.msg_iovlen = 1;
      }
      int received = recvmmsg(files_[at], batch.messages.data(), kBatch, MSG_DONTWAIT, nullptr);
      if (received <= 0) break;
      count = size_t(received);
      std::lock_guard<std::mutex> lock(mutex_);
      for (size_t each = 0; each < count; each += 1) {
        const uint8_t* packet = &batch.storage[each * kPacketBytes];
        size_t length = batch.messages[each].msg_len;
        if (at == 0) whole = endsPicture(packet, length);
        if (waiting_.size() + length + 3 > kMaxWaitingBytes) waiting_.clear();
        waiting_.insert(waiting_.end(), {uint8_t(at), uint8_t(length >> 8), uint8_t(length)});
        waiting_.insert(waiting_.end(), packet, packet + length);
      }
    }
  }
  return whole;
}

std::vector<uint8_t> InputReader::takePackets() {
  std::vector<uint8_t> packets;
  std::lock_guard<std::mutex> lock(mutex_);
  packets.swap(waiting_);
  notified_ = false;
  return packets;
}

}  // namespace onair
