#include "dtls.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <sys/time.h>
#include <algorithm>
#include <cstring>

namespace onair {
namespace {

/** Fits every path (IPv6's smallest is 1,280); a certificate of ours takes one datagram. */
constexpr long kDatagramBytes = 1200;
constexpr unsigned kFirstTimeoutUs = 100'000;
constexpr unsigned kLastTimeoutUs = 1'600'000;
constexpr long kCertificateSeconds = 10L * 365 * 24 * 3600;
constexpr char kExporterLabel[] = "EXTRACTOR-dtls_srtp";

unsigned nextTimeoutUs(SSL*, unsigned last) {
  return last == 0 ? kFirstTimeoutUs : std::min(2 * last, kLastTimeoutUs);
}

/** Any certificate will do at first: its fingerprint is checked when the handshake is done. */
int acceptCertificate(X509_STORE_CTX*, void*) { return 1; }

}  // namespace

/** A datagram is one read or one write of OpenSSL's. */
struct DtlsBio {
  static int write(BIO* bio, const char* data, int length) {
    auto* session = static_cast<DtlsSession*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    session->send_(reinterpret_cast<const uint8_t*>(data), size_t(length));
    return length;
  }

  static int read(BIO* bio, char* data, int length) {
    auto* session = static_cast<DtlsSession*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    if (session->incoming_ == nullptr) {
      BIO_set_retry_read(bio);
      return -1;
    }
    size_t count = std::min(session->incomingLength_, size_t(length));
    memcpy(data, session->incoming_, count);
    session->incoming_ = nullptr;
    return int(count);
  }

  static long control(BIO*, int command, long, void*) {
    switch (command) {
      case BIO_CTRL_FLUSH:
        return 1;
      case BIO_CTRL_DGRAM_QUERY_MTU:
      case BIO_CTRL_DGRAM_GET_FALLBACK_MTU:
        return kDatagramBytes;
      default:
        return 0;
    }
  }

  static BIO_METHOD* method() {
    static BIO_METHOD* const method = [] {
      BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "onair datagram");
      BIO_meth_set_write(made, write);
      BIO_meth_set_read(made, read);
      BIO_meth_set_ctrl(made, control);
      return made;
    }();
    return method;
  }
};

DtlsContext::~DtlsContext() { SSL_CTX_free(context_); }

bool DtlsContext::start(const char* profiles) {
  context_ = SSL_CTX_new(DTLS_method());
  if (context_ == nullptr) return false;
  SSL_CTX_set_min_proto_version(context_, DTLS1_2_VERSION);
  SSL_CTX_set_options(context_, SSL_OP_NO_QUERY_MTU | SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION |
                                    SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(context_, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(context_, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_verify(context_, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  SSL_CTX_set_cert_verify_callback(context_, acceptCertificate, nullptr);
  SSL_CTX_set_read_ahead(context_, 1);
  // Zero is success here.
  if (SSL_CTX_set_tlsext_use_srtp(context_, profiles) != 0) return false;
  if (SSL_CTX_set_cipher_list(context_, "ECDHE+AESGCM:ECDHE+CHACHA20:ECDHE+AES:!aNULL:!eNULL") != 1) return false;
  SSL_CTX_set1_groups_list(context_, "X25519:P-256:P-384");
  return makeCertificate();
}

bool DtlsContext::makeCertificate() {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  bool made = false;
  if (key != nullptr && certificate != nullptr) {
    uint64_t serial = 0;
    RAND_bytes(reinterpret_cast<uint8_t*>(&serial), sizeof serial);
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1 | 1);
    // A box without a clock of its own may be years behind.
    ASN1_TIME_set_string(X509_getm_notBefore(certificate), "20000101000000Z");
    X509_gmtime_adj(X509_getm_notAfter(certificate), kCertificateSeconds);
    X509_set_pubkey(certificate, key);
    X509_NAME* name = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const uint8_t*>("WebRTC"), -1, -1, 0);
    X509_set_issuer_name(certificate, name);
    unsigned length = 0;
    made = X509_sign(certificate, key, EVP_sha256()) > 0 &&
           X509_digest(certificate, EVP_sha256(), fingerprint_.data(), &length) == 1 &&
           SSL_CTX_use_certificate(context_, certificate) == 1 && SSL_CTX_use_PrivateKey(context_, key) == 1;
  }
  X509_free(certificate);
  EVP_PKEY_free(key);
  return made;
}

DtlsSession::DtlsSession(DtlsContext& context, bool isServer, ExpectedFingerprint expected,
                         std::function<void(const uint8_t*, size_t)> send)
    : isServer_(isServer), expected_(std::move(expected)), send_(std::move(send)) {
  ssl_ = SSL_new(context.get());
  BIO* bio = ssl_ == nullptr ? nullptr : BIO_new(DtlsBio::method());
  if (bio == nullptr) {
    state_ = State::kFailed;
    return;
  }
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_, bio, bio);
  SSL_set_mtu(ssl_, kDatagramBytes);
  DTLS_set_timer_cb(ssl_, nextTimeoutUs);
  if (isServer)
    SSL_set_accept_state(ssl_);
  else
    SSL_set_connect_state(ssl_);
}

DtlsSession::~DtlsSession() { SSL_free(ssl_); }

void DtlsSession::begin() {
  if (!isServer_ && state_ == State::kHandshaking) advance();
}

void DtlsSession::receive(const uint8_t* datagram, size_t length) {
  if (state_ == State::kClosed || state_ == State::kFailed) return;
  incoming_ = datagram;
  incomingLength_ = length;
  advance();
  incoming_ = nullptr;
}

void DtlsSession::advance() {
  ERR_clear_error();
  if (state_ == State::kHandshaking) {
    int result = SSL_do_handshake(ssl_);
    if (result == 1) {
      state_ = isExpected() && profile() != SrtpProfile::kNone ? State::kConnected : State::kFailed;
      return;
    }
    int problem = SSL_get_error(ssl_, result);
    if (problem != SSL_ERROR_WANT_READ && problem != SSL_ERROR_WANT_WRITE) state_ = State::kFailed;
    return;
  }
  if (state_ != State::kConnected) return;
  // No application data is expected; alerts and handshake messages sent again are handled on the way.
  uint8_t ignored[2048];
  for (int round = 0; round < 16; round += 1) {
    int result = SSL_read(ssl_, ignored, sizeof ignored);
    if (result > 0) continue;
    int problem = SSL_get_error(ssl_, result);
    if (problem == SSL_ERROR_ZERO_RETURN) state_ = State::kClosed;
    if (problem == SSL_ERROR_SSL) state_ = State::kFailed;
    return;
  }
}

int64_t DtlsSession::timeoutUs() const {
  struct timeval left;
  if (state_ != State::kHandshaking || DTLSv1_get_timeout(ssl_, &left) != 1) return -1;
  return int64_t(left.tv_sec) * 1'000'000 + left.tv_usec;
}

void DtlsSession::retransmit() {
  ERR_clear_error();
  if (state_ == State::kHandshaking && DTLSv1_handle_timeout(ssl_) < 0) state_ = State::kFailed;
}

void DtlsSession::close() {
  ERR_clear_error();
  if (state_ == State::kConnected) SSL_shutdown(ssl_);
  if (state_ != State::kFailed) state_ = State::kClosed;
}

bool DtlsSession::isExpected() const {
  const EVP_MD* digest = EVP_get_digestbyname(expected_.algorithm.c_str());
  X509* certificate = SSL_get1_peer_certificate(ssl_);
  uint8_t found[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  bool same = digest != nullptr && certificate != nullptr && X509_digest(certificate, digest, found, &length) == 1 &&
              length == expected_.value.size() && CRYPTO_memcmp(found, expected_.value.data(), length) == 0;
  X509_free(certificate);
  return same;
}

SrtpProfile DtlsSession::profile() const {
  const SRTP_PROTECTION_PROFILE* chosen = SSL_get_selected_srtp_profile(ssl_);
  if (chosen == nullptr) return SrtpProfile::kNone;
  if (chosen->id == SRTP_AEAD_AES_128_GCM) return SrtpProfile::kAeadAes128Gcm;
  if (chosen->id == SRTP_AES128_CM_SHA1_80) return SrtpProfile::kAes128CmSha1_80;
  return SrtpProfile::kNone;
}

bool DtlsSession::startSrtp(SrtpSender& sender, SrtcpReceiver& receiver) const {
  SrtpProfile chosen = profile();
  if (chosen == SrtpProfile::kNone) return false;
  size_t salt = srtpSaltBytes(chosen);
  uint8_t material[2 * (kMasterKeyBytes + kMaxSaltBytes)];
  size_t length = 2 * (kMasterKeyBytes + salt);
  if (SSL_export_keying_material(ssl_, material, length, kExporterLabel, sizeof kExporterLabel - 1, nullptr, 0, 0) != 1)
    return false;
  // Client's key, server's key, client's salt, server's salt (RFC 5764, 4.2).
  const uint8_t* keys[2] = {material, material + kMasterKeyBytes};
  const uint8_t* salts[2] = {material + 2 * kMasterKeyBytes, material + 2 * kMasterKeyBytes + salt};
  int own = isServer_ ? 1 : 0;
  bool started = sender.start(chosen, keys[own], salts[own]) && receiver.start(chosen, keys[1 - own], salts[1 - own]);
  OPENSSL_cleanse(material, sizeof material);
  return started;
}

}  // namespace onair
