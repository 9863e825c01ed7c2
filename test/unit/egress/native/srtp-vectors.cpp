// SRTP and SRTCP against the published vectors of libsrtp2's test driver.
// Prints each; its exit code says whether something did.
#include <cstdio>
#include <cstring>
#include <string>

#include "srtp.h"

using namespace onair;

namespace {

int failures = 0;

std::vector<uint8_t> bytes(const std::string& hex) {
  std::vector<uint8_t> result;
  for (size_t at = 0; at + 1 < hex.size(); at += 2) result.push_back(uint8_t(std::stoi(hex.substr(at, 2), nullptr, 16)));
  return result;
}

void expect(const char* what, const uint8_t* found, size_t length, const std::string& hex) {
  std::vector<uint8_t> wanted = bytes(hex);
  bool same = wanted.size() == length && memcmp(wanted.data(), found, length) == 0;
  std::printf("%s %s\n", same ? "ok" : "not ok", what);
  if (!same) {
    failures += 1;
    std::printf("  found ");
    for (size_t at = 0; at < length; at += 1) std::printf("%02x", found[at]);
    std::printf("\n");
  }
}

void expectTrue(const char* what, bool holds) {
  std::printf("%s %s\n", holds ? "ok" : "not ok", what);
  if (!holds) failures += 1;
}

const std::string kKey = "e1f97a0d3e018be0d64fa32c06de4139";
const std::string kSalt = "0ec675ad498afeebb6960b3aabe6";
/** srtp_validate_gcm has a key and salt of its own. */
const std::string kGcmKey = "000102030405060708090a0b0c0d0e0f";
const std::string kGcmSalt = "a0a1a2a3a4a5a6a7a8a9aaab";
const std::string kRtp = "800f1234decafbadcafebabe" "abababababababababababababababab";
const std::string kRtcp = "81c8000bcafebabe" "abababababababababababababababab";

struct Case {
  const char* name;
  SrtpProfile profile;
  std::string key, salt, rtp, rtcp;
};

void check(const Case& vectors) {
  std::vector<uint8_t> key = bytes(vectors.key), salt = bytes(vectors.salt);
  SrtpSender sender;
  expectTrue("starts", sender.start(vectors.profile, key.data(), salt.data()));
  std::vector<uint8_t> rtp = bytes(kRtp), rtcp = bytes(kRtcp);
  uint8_t out[256];
  size_t length = sender.protectRtp(rtp.data(), 12, rtp.data() + 12, rtp.size() - 12, out);
  expect((std::string(vectors.name) + ": RTP").c_str(), out, length, vectors.rtp);
  length = sender.protectRtcp(rtcp.data(), rtcp.size(), out);
  expect((std::string(vectors.name) + ": RTCP").c_str(), out, length, vectors.rtcp);

  SrtcpReceiver receiver;
  receiver.start(vectors.profile, key.data(), salt.data());
  std::vector<uint8_t> forged(out, out + length), once(out, out + length), twice(out, out + length);
  forged[10] ^= 1;
  expectTrue("a forged packet is refused", receiver.unprotect(forged.data(), forged.size()) == 0);
  size_t plain = receiver.unprotect(once.data(), once.size());
  expect("decrypted again", once.data(), plain, kRtcp);
  expectTrue("a second time it is refused", receiver.unprotect(twice.data(), twice.size()) == 0);
  for (size_t cut = 0; cut < length; cut += 1) {
    std::vector<uint8_t> part(out, out + cut);
    if (receiver.unprotect(part.data(), part.size()) != 0) expectTrue("a cut packet is refused", false);
  }
}

}  // namespace

int main() {
  check({"AES_CM_128_HMAC_SHA1_80", SrtpProfile::kAes128CmSha1_80, kKey, kSalt,
         "800f1234decafbadcafebabe4e55dc4ce79978d88ca4d215949d2402b78d6acc99ea179b8dbb",
         "81c8000bcafebabe7128035be487b9bdbef89041f977a5a880000001993e08cd54d6c1230798"});
  check({"AEAD_AES_128_GCM", SrtpProfile::kAeadAes128Gcm, kGcmKey, kGcmSalt,
         "800f1234decafbadcafebabec5002ede04cfdd2eb91159e0880aa06ed2976826f796b201df3131a127e8a392",
         "81c8000bcafebabec98b8b5df0392a55852b6c21ac8e7025c52c6fbea2b3b446ea31123ba88ce61e80000001"});
  return failures == 0 ? 0 : 1;
}
