// DTLS 1.2 by OpenSSL, for the keys of SRTP (RFC 5763, RFC 5764).
#pragma once
#include <openssl/ssl.h>
#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "srtp.h"

namespace onair {

using Bytes = std::vector<uint8_t>;

/** One certificate for the life of the process, as long as an engine lives. */
class DtlsContext {
 public:
  DtlsContext() = default;
  ~DtlsContext();
  DtlsContext(const DtlsContext&) = delete;
  DtlsContext& operator=(const DtlsContext&) = delete;

  /** @param profiles in our order of preference, as SSL_CTX_set_tlsext_use_srtp(3) wants them. @returns false if OpenSSL can't */
  bool start(const char* profiles);
  SSL_CTX* get() const { return context_; }
  const std::array<uint8_t, 32>& fingerprint() const { return fingerprint_; }

 private:
  bool makeCertificate();

  SSL_CTX* context_ = nullptr;
  std::array<uint8_t, 32> fingerprint_ = {};
};

/** What the viewer's certificate must hash to. */
struct ExpectedFingerprint {
  std::string algorithm;
  Bytes value;
};

/** One viewer's association: datagrams in, datagrams out, and at its end the keys. */
class DtlsSession {
 public:
  enum class State { kHandshaking, kConnected, kClosed, kFailed };

  /** @param send is given each datagram to send */
  DtlsSession(DtlsContext& context, bool isServer, ExpectedFingerprint expected,
              std::function<void(const uint8_t*, size_t)> send);
  ~DtlsSession();
  DtlsSession(const DtlsSession&) = delete;
  DtlsSession& operator=(const DtlsSession&) = delete;

  State state() const { return state_; }
  /** A client says hello; a server waits for it. */
  void begin();
  void receive(const uint8_t* datagram, size_t length);
  /** Microseconds until `retransmit` is due; -1 where nothing is. */
  int64_t timeoutUs() const;
  void retransmit();
  /** Says goodbye; nothing more is sent. */
  void close();
  /** Once connected: starts both directions of SRTP. */
  bool startSrtp(SrtpSender& sender, SrtcpReceiver& receiver) const;
  SrtpProfile profile() const;

 private:
  friend struct DtlsBio;
  void advance();
  bool isExpected() const;

  SSL* ssl_ = nullptr;
  bool isServer_;
  State state_ = State::kHandshaking;
  ExpectedFingerprint expected_;
  std::function<void(const uint8_t*, size_t)> send_;
  /** The datagram that OpenSSL may read now. */
  const uint8_t* incoming_ = nullptr;
  size_t incomingLength_ = 0;
};

}  // namespace onair
