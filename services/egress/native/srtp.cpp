#include "srtp.h"

#include <openssl/crypto.h>
#include <cstring>

namespace onair {
namespace {

constexpr size_t kShaTagBytes = 10;
constexpr size_t kGcmTagBytes = 16;
constexpr size_t kRtcpHeaderBytes = 8;
constexpr size_t kHmacKeyBytes = 20;
/** Streams of one viewer: picture, sound and what repeats them; a receiver has few more. */
constexpr size_t kMaxStreams = 16;
constexpr uint32_t kEncryptedFlag = 0x80000000u;

uint32_t read32(const uint8_t* from) {
  return uint32_t(from[0]) << 24 | uint32_t(from[1]) << 16 | uint32_t(from[2]) << 8 | from[3];
}

void write32(uint8_t* to, uint32_t value) {
  to[0] = uint8_t(value >> 24);
  to[1] = uint8_t(value >> 16);
  to[2] = uint8_t(value >> 8);
  to[3] = uint8_t(value);
}

/** AES-CM as key derivation function (RFC 3711, 4.3.3), without a key derivation rate. */
bool derive(const uint8_t* key, const uint8_t salt[kMaxSaltBytes], uint8_t label, uint8_t* out, size_t length) {
  uint8_t iv[16] = {};
  memcpy(iv, salt, kMaxSaltBytes);
  iv[7] ^= label;
  uint8_t zeros[32] = {};
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  int written = 0;
  bool done = context != nullptr && length <= sizeof zeros &&
              EVP_EncryptInit_ex(context, EVP_aes_128_ctr(), nullptr, key, iv) == 1 &&
              EVP_EncryptUpdate(context, out, &written, zeros, int(length)) == 1;
  EVP_CIPHER_CTX_free(context);
  return done;
}

}  // namespace

size_t srtpSaltBytes(SrtpProfile profile) { return profile == SrtpProfile::kAeadAes128Gcm ? 12 : 14; }

SrtpCipher::~SrtpCipher() {
  EVP_CIPHER_CTX_free(context_);
  OPENSSL_cleanse(salt_, sizeof salt_);
  OPENSSL_cleanse(&inner_, sizeof inner_);
  OPENSSL_cleanse(&outer_, sizeof outer_);
}

bool SrtpCipher::start(SrtpProfile profile, const uint8_t* key, const uint8_t* salt, uint8_t firstLabel,
                       bool encrypting) {
  uint8_t masterSalt[kMaxSaltBytes] = {};
  memcpy(masterSalt, salt, srtpSaltBytes(profile));
  uint8_t cipherKey[kMasterKeyBytes];
  uint8_t hmacKey[kHmacKeyBytes];
  if (!derive(key, masterSalt, firstLabel, cipherKey, sizeof cipherKey) ||
      !derive(key, masterSalt, firstLabel + 1, hmacKey, sizeof hmacKey) ||
      !derive(key, masterSalt, firstLabel + 2, salt_, srtpSaltBytes(profile)))
    return false;
  EVP_CIPHER_CTX_free(context_);
  context_ = EVP_CIPHER_CTX_new();
  if (context_ == nullptr) return false;
  const EVP_CIPHER* cipher = profile == SrtpProfile::kAeadAes128Gcm ? EVP_aes_128_gcm() : EVP_aes_128_ctr();
  // Counter mode only ever encrypts.
  bool forward = encrypting || profile != SrtpProfile::kAeadAes128Gcm;
  if (EVP_CipherInit_ex(context_, cipher, nullptr, cipherKey, nullptr, forward ? 1 : 0) != 1) return false;
  uint8_t block[SHA_CBLOCK];
  memset(block, 0x36, sizeof block);
  for (size_t at = 0; at < sizeof hmacKey; at += 1) block[at] ^= hmacKey[at];
  SHA1_Init(&inner_);
  SHA1_Update(&inner_, block, sizeof block);
  for (uint8_t& byte : block) byte ^= 0x36 ^ 0x5c;
  SHA1_Init(&outer_);
  SHA1_Update(&outer_, block, sizeof block);
  OPENSSL_cleanse(cipherKey, sizeof cipherKey);
  OPENSSL_cleanse(hmacKey, sizeof hmacKey);
  OPENSSL_cleanse(block, sizeof block);
  profile_ = profile;
  return true;
}

bool SrtpCipher::counterMode(uint32_t ssrc, uint64_t index, const uint8_t* in, size_t length, uint8_t* out) {
  uint8_t iv[16] = {};
  memcpy(iv, salt_, kMaxSaltBytes);
  for (int at = 0; at < 4; at += 1) iv[4 + at] ^= uint8_t(ssrc >> (24 - 8 * at));
  for (int at = 0; at < 6; at += 1) iv[8 + at] ^= uint8_t(index >> (40 - 8 * at));
  int written = 0;
  return EVP_EncryptInit_ex(context_, nullptr, nullptr, nullptr, iv) == 1 &&
         EVP_EncryptUpdate(context_, out, &written, in, int(length)) == 1;
}

void SrtpCipher::authenticate(const uint8_t* first, size_t firstLength, const uint8_t* second, size_t secondLength,
                              uint8_t tag[kShaTagBytes]) const {
  uint8_t digest[SHA_DIGEST_LENGTH];
  SHA_CTX state = inner_;
  SHA1_Update(&state, first, firstLength);
  SHA1_Update(&state, second, secondLength);
  SHA1_Final(digest, &state);
  state = outer_;
  SHA1_Update(&state, digest, sizeof digest);
  SHA1_Final(digest, &state);
  memcpy(tag, digest, kShaTagBytes);
}

void SrtpCipher::nonce(uint32_t ssrc, const uint8_t low[6], uint8_t iv[12]) const {
  iv[0] = iv[1] = 0;
  write32(iv + 2, ssrc);
  memcpy(iv + 6, low, 6);
  for (int at = 0; at < 12; at += 1) iv[at] ^= salt_[at];
}

bool SrtpCipher::seal(uint32_t ssrc, const uint8_t low[6], const uint8_t* aad, size_t aadLength, const uint8_t* aad2,
                      size_t aad2Length, const uint8_t* in, size_t length, uint8_t* out, uint8_t* tag) {
  uint8_t iv[12];
  nonce(ssrc, low, iv);
  int written = 0;
  return EVP_EncryptInit_ex(context_, nullptr, nullptr, nullptr, iv) == 1 &&
         EVP_EncryptUpdate(context_, nullptr, &written, aad, int(aadLength)) == 1 &&
         (aad2Length == 0 || EVP_EncryptUpdate(context_, nullptr, &written, aad2, int(aad2Length)) == 1) &&
         (length == 0 || EVP_EncryptUpdate(context_, out, &written, in, int(length)) == 1) &&
         EVP_EncryptFinal_ex(context_, tag, &written) == 1 &&
         EVP_CIPHER_CTX_ctrl(context_, EVP_CTRL_AEAD_GET_TAG, kGcmTagBytes, tag) == 1;
}

bool SrtpCipher::open(uint32_t ssrc, const uint8_t low[6], const uint8_t* aad, size_t aadLength, const uint8_t* aad2,
                      size_t aad2Length, const uint8_t* in, size_t length, uint8_t* out, const uint8_t* tag) {
  uint8_t iv[12];
  uint8_t expected[kGcmTagBytes];
  nonce(ssrc, low, iv);
  memcpy(expected, tag, sizeof expected);
  int written = 0;
  return EVP_DecryptInit_ex(context_, nullptr, nullptr, nullptr, iv) == 1 &&
         EVP_DecryptUpdate(context_, nullptr, &written, aad, int(aadLength)) == 1 &&
         (aad2Length == 0 || EVP_DecryptUpdate(context_, nullptr, &written, aad2, int(aad2Length)) == 1) &&
         (length == 0 || EVP_DecryptUpdate(context_, out, &written, in, int(length)) == 1) &&
         EVP_CIPHER_CTX_ctrl(context_, EVP_CTRL_AEAD_SET_TAG, kGcmTagBytes, expected) == 1 &&
         EVP_DecryptFinal_ex(context_, expected, &written) == 1;
}

bool SrtpSender::start(SrtpProfile profile, const uint8_t* key, const uint8_t* salt) {
  return rtp_.start(profile, key, salt, 0, true) && rtcp_.start(profile, key, salt, 3, true);
}

uint64_t SrtpSender::indexOf(uint32_t ssrc, uint16_t sequence) {
  for (Stream& stream : streams_) {
    if (stream.ssrc != ssrc) continue;
    int16_t step = int16_t(sequence - uint16_t(stream.highest));
    if (step < 0 && stream.highest < uint64_t(-int64_t(step))) return sequence;
    uint64_t index = stream.highest + int64_t(step);
    if (step > 0) stream.highest = index;
    return index;
  }
  if (streams_.size() < kMaxStreams) streams_.push_back({ssrc, sequence});
  return sequence;
}

size_t SrtpSender::protectRtp(const uint8_t* header, size_t headerLength, const uint8_t* payload,
                              size_t payloadLength, uint8_t* out) {
  if (!started() || headerLength < 12) return 0;
  uint16_t sequence = uint16_t(header[2] << 8 | header[3]);
  uint32_t ssrc = read32(header + 8);
  uint64_t index = indexOf(ssrc, sequence);
  memcpy(out, header, headerLength);
  uint8_t* body = out + headerLength;
  uint8_t low[6];
  write32(low, uint32_t(index >> 16));
  low[4] = header[2];
  low[5] = header[3];
  if (rtp_.profile() == SrtpProfile::kAeadAes128Gcm) {
    if (!rtp_.seal(ssrc, low, header, headerLength, nullptr, 0, payload, payloadLength, body, body + payloadLength))
      return 0;
    return headerLength + payloadLength + kGcmTagBytes;
  }
  if (!rtp_.counterMode(ssrc, index, payload, payloadLength, body)) return 0;
  rtp_.authenticate(out, headerLength + payloadLength, low, 4, body + payloadLength);
  return headerLength + payloadLength + kShaTagBytes;
}

size_t SrtpSender::protectRtcp(const uint8_t* packet, size_t length, uint8_t* out) {
  if (!started() || length < kRtcpHeaderBytes) return 0;
  uint32_t ssrc = read32(packet + 4);
  uint32_t index = rtcpIndex_ = (rtcpIndex_ + 1) & ~kEncryptedFlag;
  uint8_t word[4];
  write32(word, index | kEncryptedFlag);
  size_t bodyLength = length - kRtcpHeaderBytes;
  memcpy(out, packet, kRtcpHeaderBytes);
  uint8_t* body = out + kRtcpHeaderBytes;
  if (rtcp_.profile() == SrtpProfile::kAeadAes128Gcm) {
    uint8_t low[6] = {};
    write32(low + 2, index);
    if (!rtcp_.seal(ssrc, low, packet, kRtcpHeaderBytes, word, 4, packet + kRtcpHeaderBytes, bodyLength, body,
                    body + bodyLength))
      return 0;
    memcpy(out + length + kGcmTagBytes, word, 4);
    return length + kGcmTagBytes + 4;
  }
  if (!rtcp_.counterMode(ssrc, index, packet + kRtcpHeaderBytes, bodyLength, body)) return 0;
  memcpy(out + length, word, 4);
  rtcp_.authenticate(out, length + 4, nullptr, 0, out + length + 4);
  return length + 4 + kShaTagBytes;
}

bool SrtcpReceiver::start(SrtpProfile profile, const uint8_t* key, const uint8_t* salt) {
  return rtcp_.start(profile, key, salt, 3, false);
}

size_t SrtcpReceiver::unprotect(uint8_t* packet, size_t length) {
  bool gcm = rtcp_.profile() == SrtpProfile::kAeadAes128Gcm;
  size_t tagBytes = gcm ? kGcmTagBytes : kShaTagBytes;
  if (rtcp_.profile() == SrtpProfile::kNone || length < kRtcpHeaderBytes + tagBytes + 4) return 0;
  size_t plain = length - tagBytes - 4;
  const uint8_t* word = packet + (gcm ? length - 4 : plain);
  bool encrypted = (word[0] & 0x80) != 0;
  uint32_t index = read32(word) & ~kEncryptedFlag;
  uint32_t ssrc = read32(packet + 4);
  if (!isNew(ssrc, index)) return 0;
  uint8_t* body = packet + kRtcpHeaderBytes;
  size_t bodyLength = plain - kRtcpHeaderBytes;
  if (gcm) {
    uint8_t low[6] = {};
    write32(low + 2, index);
    bool whole = encrypted ? rtcp_.open(ssrc, low, packet, kRtcpHeaderBytes, word, 4, body, bodyLength, body,
                                        packet + plain)
                           : rtcp_.open(ssrc, low, packet, plain, word, 4, nullptr, 0, nullptr, packet + plain);
    if (!whole) return 0;
  } else {
    uint8_t tag[kShaTagBytes];
    rtcp_.authenticate(packet, plain + 4, nullptr, 0, tag);
    if (CRYPTO_memcmp(tag, packet + plain + 4, kShaTagBytes) != 0) return 0;
    if (encrypted && !rtcp_.counterMode(ssrc, index, body, bodyLength, body)) return 0;
  }
  remember(ssrc, index);
  return plain;
}

bool SrtcpReceiver::isNew(uint32_t ssrc, uint32_t index) const {
  for (const Stream& stream : streams_) {
    if (stream.ssrc != ssrc) continue;
    if (index > stream.highest) return true;
    uint32_t behind = stream.highest - index;
    return behind < 64 && (stream.seen >> behind & 1) == 0;
  }
  return streams_.size() < kMaxStreams;
}

void SrtcpReceiver::remember(uint32_t ssrc, uint32_t index) {
  for (Stream& stream : streams_) {
    if (stream.ssrc != ssrc) continue;
    if (index > stream.highest) {
      uint32_t step = index - stream.highest;
      stream.seen = step < 64 ? stream.seen << step | 1 : 1;
      stream.highest = index;
    } else {
      stream.seen |= uint64_t(1) << (stream.highest - index);
    }
    return;
  }
  streams_.push_back({ssrc, index, 1});
}

}  // namespace onair
