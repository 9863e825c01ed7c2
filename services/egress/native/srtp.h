// SRTP and SRTCP (RFC 3711, RFC 7714) by OpenSSL's AES: one sender and one receiver for each viewer.
#pragma once
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace onair {

/** The numbers are those of the DTLS-SRTP registry (RFC 5764, 4.1.2; RFC 7714, 14.2). */
enum class SrtpProfile : uint16_t { kNone = 0, kAes128CmSha1_80 = 1, kAeadAes128Gcm = 7 };

constexpr size_t kMasterKeyBytes = 16;
constexpr size_t kMaxSaltBytes = 14;
/** The most that a packet grows by: GCM's tag and SRTCP's index. */
constexpr size_t kMaxSrtpOverhead = 20;

size_t srtpSaltBytes(SrtpProfile profile);

/** The keys of one direction and one of RTP and RTCP. */
class SrtpCipher {
 public:
  SrtpCipher() = default;
  ~SrtpCipher();
  SrtpCipher(const SrtpCipher&) = delete;
  SrtpCipher& operator=(const SrtpCipher&) = delete;

  /** @param firstLabel of the key derivation (RFC 3711, 4.3.2): 0 for RTP, 3 for RTCP */
  bool start(SrtpProfile profile, const uint8_t* key, const uint8_t* salt, uint8_t firstLabel, bool encrypting);
  SrtpProfile profile() const { return profile_; }

  /** AES-CM of `length` bytes; encrypting and decrypting are the same. @param index 48 bits */
  bool counterMode(uint32_t ssrc, uint64_t index, const uint8_t* in, size_t length, uint8_t* out);
  /** The first ten bytes of HMAC-SHA1 over both parts. */
  void authenticate(const uint8_t* first, size_t firstLength, const uint8_t* second, size_t secondLength,
                    uint8_t tag[10]) const;
  /** @param low the last six bytes of the nonce before the salt: ROC and sequence number, or SRTCP's index */
  bool seal(uint32_t ssrc, const uint8_t low[6], const uint8_t* aad, size_t aadLength, const uint8_t* aad2,
            size_t aad2Length, const uint8_t* in, size_t length, uint8_t* out, uint8_t* tag);
  bool open(uint32_t ssrc, const uint8_t low[6], const uint8_t* aad, size_t aadLength, const uint8_t* aad2,
            size_t aad2Length, const uint8_t* in, size_t length, uint8_t* out, const uint8_t* tag);

 private:
  void nonce(uint32_t ssrc, const uint8_t low[6], uint8_t iv[12]) const;

  SrtpProfile profile_ = SrtpProfile::kNone;
  EVP_CIPHER_CTX* context_ = nullptr;
  uint8_t salt_[kMaxSaltBytes] = {};
  SHA_CTX inner_ = {};
  SHA_CTX outer_ = {};
};

/** Encrypts what goes to one viewer. */
class SrtpSender {
 public:
  bool start(SrtpProfile profile, const uint8_t* key, const uint8_t* salt);
  bool started() const { return rtp_.profile() != SrtpProfile::kNone; }

  /**
   * One RTP packet, given as header (with its extensions) and payload, written encrypted to `out`, which has room
   * for both and kMaxSrtpOverhead. A packet may be sent again, also from before its sequence numbers wrapped.
   * @returns the bytes written; 0 if it can't be sent
   */
  size_t protectRtp(const uint8_t* header, size_t headerLength, const uint8_t* payload, size_t payloadLength,
                    uint8_t* out);
  /** One compound RTCP packet. @returns the bytes written; 0 if it can't be sent */
  size_t protectRtcp(const uint8_t* packet, size_t length, uint8_t* out);

 private:
  struct Stream {
    uint32_t ssrc;
    uint64_t highest;
  };
  /** The 48-bit index of a packet (RFC 3711, 3.3.1). */
  uint64_t indexOf(uint32_t ssrc, uint16_t sequence);

  SrtpCipher rtp_;
  SrtpCipher rtcp_;
  std::vector<Stream> streams_;
  uint32_t rtcpIndex_ = 0;
};

/** Decrypts the RTCP of one viewer; viewers send no RTP. */
class SrtcpReceiver {
 public:
  bool start(SrtpProfile profile, const uint8_t* key, const uint8_t* salt);

  /** Checks and decrypts in place. @returns the length of the RTCP packet; 0 if it is forged, doubled or broken */
  size_t unprotect(uint8_t* packet, size_t length);

 private:
  struct Stream {
    uint32_t ssrc;
    uint32_t highest;
    uint64_t seen;
  };
  bool isNew(uint32_t ssrc, uint32_t index) const;
  void remember(uint32_t ssrc, uint32_t index);

  SrtpCipher rtcp_;
  std::vector<Stream> streams_;
};

}  // namespace onair
