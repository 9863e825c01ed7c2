// Broken datagrams for DTLS and SRTCP, built with AddressSanitizer: a finding ends the program.
//   fuzz COUNT SEED
// Each input is a datagram of a real handshake or a real encrypted report, mutated, or nothing but noise.
#include <openssl/err.h>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <random>

#include "dtls.h"

using namespace onair;

namespace {

std::mt19937_64 random_;
size_t below(size_t limit) { return limit == 0 ? 0 : size_t(random_() % limit); }

using Datagrams = std::vector<Bytes>;

struct End {
  Datagrams out;
  std::unique_ptr<DtlsSession> session;

  End(DtlsContext& context, bool isServer, const std::array<uint8_t, 32>& peer) {
    session = std::make_unique<DtlsSession>(context, isServer, ExpectedFingerprint{"sha256", Bytes(peer.begin(), peer.end())},
                                            [this](const uint8_t* bytes, size_t length) {
                                              out.emplace_back(bytes, bytes + length);
                                            });
  }
};

/** A whole handshake. @param seen is given all its datagrams */
bool shakeHands(End& client, End& server, Datagrams* seen, size_t steps) {
  client.session->begin();
  for (size_t round = 0; round < steps; round += 1) {
    Datagrams fromClient, fromServer;
    fromClient.swap(client.out);
    fromServer.swap(server.out);
    if (fromClient.empty() && fromServer.empty()) break;
    for (const Bytes& each : fromClient) server.session->receive(each.data(), each.size());
    for (const Bytes& each : fromServer) client.session->receive(each.data(), each.size());
    if (seen == nullptr) continue;
    seen->insert(seen->end(), fromClient.begin(), fromClient.end());
    seen->insert(seen->end(), fromServer.begin(), fromServer.end());
  }
  return client.session->state() == DtlsSession::State::kConnected &&
         server.session->state() == DtlsSession::State::kConnected;
}

Bytes mutated(const Datagrams& corpus) {
  Bytes bytes;
  if (below(8) == 0) {
    bytes.resize(below(1500));
    for (uint8_t& byte : bytes) byte = uint8_t(random_());
    if (!bytes.empty() && below(2) == 0) bytes[0] = uint8_t(20 + below(5));
    return bytes;
  }
  bytes = corpus[below(corpus.size())];
  for (size_t change = below(6); change > 0 && !bytes.empty(); change -= 1) {
    size_t at = below(bytes.size());
    switch (below(5)) {
      case 0:
        bytes[at] ^= uint8_t(1u << below(8));
        break;
      case 1:
        bytes[at] = uint8_t(random_());
        break;
      case 2:
        bytes.resize(at);
        break;
      case 3:
        bytes.insert(bytes.begin() + long(at), below(40), uint8_t(random_()));
        break;
      default: {
        const Bytes& other = corpus[below(corpus.size())];
        size_t from = below(other.size());
        bytes.resize(at);
        bytes.insert(bytes.end(), other.begin() + long(from), other.end());
      }
    }
  }
  if (bytes.size() > 2048) bytes.resize(2048);
  return bytes;
}

}  // namespace

int main(int count, char** arguments) {
  size_t inputs = count > 1 ? size_t(std::atoll(arguments[1])) : 10'000;
  uint64_t seed = count > 2 ? uint64_t(std::atoll(arguments[2])) : 1;
  random_.seed(seed);
  DtlsContext ours, theirs;
  const char* profiles = "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80";
  if (!ours.start(profiles) || !theirs.start(profiles)) return 2;

  Datagrams handshakes;
  SrtpSender sender;
  {
    End client(theirs, false, ours.fingerprint()), server(ours, true, theirs.fingerprint());
    if (!shakeHands(client, server, &handshakes, 20)) return 2;
    SrtcpReceiver unused;
    if (!client.session->startSrtp(sender, unused)) return 2;
    client.session->close();
    handshakes.insert(handshakes.end(), client.out.begin(), client.out.end());
  }
  {
    End ill(theirs, false, theirs.fingerprint()), server(ours, true, theirs.fingerprint());
    if (shakeHands(ill, server, nullptr, 20)) return 2;  // it expects another certificate than ours
  }

  size_t sessions = 0, refused = 0, connected = 0;
  for (size_t input = 0; input < inputs;) {
    bool isServer = below(2) == 0;
    End end(ours, isServer, theirs.fingerprint()), other(theirs, !isServer, ours.fingerprint());
    End& client = isServer ? other : end;
    End& server = isServer ? end : other;
    sessions += 1;
    // Somewhere in a handshake, or after it.
    shakeHands(client, server, nullptr, below(9));
    SrtpSender reports;
    SrtcpReceiver receiver, unused;
    SrtpSender unusedSender;
    Datagrams encrypted;
    if (end.session->state() == DtlsSession::State::kConnected && end.session->startSrtp(unusedSender, receiver) &&
        other.session->state() == DtlsSession::State::kConnected && other.session->startSrtp(reports, unused)) {
      connected += 1;
      for (size_t length : {8, 28, 32, 200}) {
        Bytes plain(length, 0x81), out(length + kMaxSrtpOverhead);
        plain[1] = 201;
        out.resize(reports.protectRtcp(plain.data(), plain.size(), out.data()));
        encrypted.push_back(out);
      }
    }
    size_t here = std::min<size_t>(inputs - input, 60);
    for (size_t at = 0; at < here; at += 1) {
      bool isReport = !encrypted.empty() && below(2) == 0;
      Bytes bytes = mutated(isReport ? encrypted : handshakes);
      // Bytes of exactly that size: reading past them is seen.
      std::unique_ptr<uint8_t[]> exact(new uint8_t[bytes.size()]);
      if (!bytes.empty()) memcpy(exact.get(), bytes.data(), bytes.size());
      if (isReport) {
        if (receiver.unprotect(exact.get(), bytes.size()) == 0) refused += 1;
      } else {
        end.session->receive(exact.get(), bytes.size());
        end.out.clear();
      }
      input += 1;
      if (end.session->state() == DtlsSession::State::kFailed && encrypted.empty()) break;
    }
    if (below(4) == 0) end.session->retransmit();
    if (below(2) == 0) end.session->close();
  }
  ERR_clear_error();
  std::printf("%zu inputs, %zu sessions (%zu connected), %zu reports refused, seed %llu\n", inputs, sessions, connected,
              refused, static_cast<unsigned long long>(seed));
  return 0;
}
