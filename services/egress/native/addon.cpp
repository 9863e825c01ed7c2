// The Node-API of the engine; native-addon.ts says what each function takes.
#include <node_api.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <errno.h>
#include <string.h>
#ifdef __aarch64__
#include <sys/auxv.h>
#endif
#if defined(__x86_64__)
#include <cpuid.h>
#endif
#include <algorithm>

#include "engine.h"
#include "input.h"

namespace {

using onair::Bytes;
using onair::Engine;
using onair::Event;
using onair::Path;

constexpr size_t kMaxArguments = 6;
constexpr size_t kMaxPackets = 4096;

/** What JavaScript holds: the engine and the way back. */
struct Handle {
  std::unique_ptr<Engine> engine;
  napi_threadsafe_function notify = nullptr;
  napi_ref callback = nullptr;
};

/** The arguments of one call. */
struct Arguments {
  napi_env env;
  napi_value values[kMaxArguments];
  size_t count = kMaxArguments;
  Handle* handle = nullptr;
  bool wrong = false;

  Arguments(napi_env env, napi_callback_info info) : env(env) {
    void* data = nullptr;
    wrong = napi_get_cb_info(env, info, &count, values, nullptr, &data) != napi_ok;
    handle = static_cast<Handle*>(data);
  }
  /** The engine, if all arguments were right; else null, and JavaScript is told. */
  Engine* engine() {
    if (wrong) napi_throw_type_error(env, nullptr, "wrong arguments for the WebRTC addon");
    return wrong || handle == nullptr ? nullptr : handle->engine.get();
  }
  uint32_t number(size_t at) { return uint32_t(real(at)); }
  double real(size_t at) { return at < count ? toReal(values[at]) : fail(); }
  bool truth(size_t at) {
    bool value = false;
    if (at >= count || napi_get_value_bool(env, values[at], &value) != napi_ok) wrong = true;
    return value;
  }
  std::string text(size_t at) {
    char value[256];
    size_t length = 0;
    if (at >= count || napi_get_value_string_utf8(env, values[at], value, sizeof value, &length) != napi_ok) wrong = true;
    return wrong ? std::string() : std::string(value, length);
  }
  std::pair<const uint8_t*, size_t> bytes(napi_value value) {
    void* data = nullptr;
    size_t length = 0;
    bool is = false;
    if (napi_is_buffer(env, value, &is) != napi_ok || !is || napi_get_buffer_info(env, value, &data, &length) != napi_ok)
      wrong = true;
    return {static_cast<const uint8_t*>(data), length};
  }
  Bytes copy(size_t at) {
    if (at >= count) wrong = true;
    if (wrong) return {};
    auto [data, length] = bytes(values[at]);
    return Bytes(data, data + length);
  }
  Path path(size_t at) {
    Bytes whole = copy(at);
    if (whole.size() != Path::kBytes) wrong = true;
    return wrong ? Path() : Path::read(whole.data());
  }
  napi_value property(napi_value object, const char* name) {
    napi_value value = nullptr;
    if (napi_get_named_property(env, object, name, &value) != napi_ok) wrong = true;
    return value;
  }
  uint32_t numberIn(napi_value object, const char* name) { return uint32_t(toReal(property(object, name))); }
  bool isObject(size_t at) {
    napi_valuetype type = napi_undefined;
    return at < count && napi_typeof(env, values[at], &type) == napi_ok && type == napi_object;
  }

  double toReal(napi_value value) {
    double number = 0;
    if (value == nullptr || napi_get_value_double(env, value, &number) != napi_ok || !(number >= 0)) return fail();
    return number;
  }
  double fail() {
    wrong = true;
    return 0;
  }
};

napi_value number(napi_env env, double value) {
  napi_value result = nullptr;
  napi_create_double(env, value, &result);
  return result;
}

void set(napi_env env, napi_value object, const char* name, double value) {
  napi_set_named_property(env, object, name, number(env, value));
}

void append(Bytes& to, uint32_t value, int bytes) {
  for (int at = bytes - 1; at >= 0; at -= 1) to.push_back(uint8_t(value >> 8 * at));
}

/** Calls back with one buffer. */
void callWith(napi_env env, napi_ref reference, const Bytes& bytes) {
  napi_handle_scope scope;
  if (napi_open_handle_scope(env, &scope) != napi_ok) return;
  napi_value callback = nullptr, undefined = nullptr, argument = nullptr;
  napi_get_undefined(env, &undefined);
  napi_get_reference_value(env, reference, &callback);
  napi_create_buffer_copy(env, bytes.size(), bytes.data(), nullptr, &argument);
  napi_status status = callback == nullptr ? napi_ok : napi_call_function(env, undefined, callback, 1, &argument, nullptr);
  if (status == napi_pending_exception) {
    napi_value error;
    napi_get_and_clear_last_exception(env, &error);
    napi_fatal_exception(env, error);
  }
  napi_close_handle_scope(env, scope);
}

/** On JavaScript's thread: tells all that happened since it was told last, in one call (native-addon.ts reads it). */
void deliver(napi_env env, napi_value, void* context, void*) {
  auto* handle = static_cast<Handle*>(context);
  if (env == nullptr || handle->engine == nullptr) return;
  Bytes bytes;
  for (const Event& event : handle->engine->takeEvents()) {
    bytes.push_back(uint8_t(event.type));
    append(bytes, event.peer, 4);
    append(bytes, uint32_t(event.data.size()), 2);
    if (event.type == Event::Type::kStun) {
      bytes.resize(bytes.size() + Path::kBytes);
      event.path.write(bytes.data() + bytes.size() - Path::kBytes);
    }
    bytes.insert(bytes.end(), event.data.begin(), event.data.end());
  }
  if (!bytes.empty()) callWith(env, handle->callback, bytes);
}

void shut(napi_env env, Handle* handle) {
  if (handle->engine == nullptr) return;
  handle->engine->stop();
  handle->engine.reset();
  napi_release_threadsafe_function(handle->notify, napi_tsfn_abort);
  napi_delete_reference(env, handle->callback);
  handle->callback = nullptr;
}

/** add(peer, isServer, algorithm, fingerprint) */
napi_value add(napi_env env, napi_callback_info info) {
  Arguments from(env, info);
  uint32_t peer = from.number(0);
  bool isServer = from.truth(1);
  onair::ExpectedFingerprint expected{from.text(2), from.copy(3)};
  if (Engine* engine = from.engine()) engine->add(peer, isServer, std::move(expected));
  return nullptr;
}

/** route(peer, path) */
napi_value route(napi_env env, napi_callback_info info) {
  Arguments from(env, info);
  uint32_t peer = from.number(0);
  Path path = from.path(1);
  if (Engine* engine = from.engine()) engine->route(peer, path);
  return nullptr;
}

/** select(peer, path) */
napi_value select(napi_env env, napi_callback_info info) {
  Arguments from(env, info);
  uint32_t peer = from.number(0);
  Path path = from.path(1);
  if (Engine* engine = from.engine()) engine->select(peer, path);
  return nullptr;
}

/** remove(peer) */
napi_value remove(napi_env env, napi_callback_info info) {
  Arguments from(env, info);
  uint32_t peer = from.number(0);
  if (Engine* engine = from.engine()) engine->remove(peer);
  return nullptr;
}

/** sendTo(path, bytes) */
napi_value send_to(napi_env env, napi_callback_info info) {
  Arguments from(env, info);
  Path path = from.path(0);
  Bytes bytes = from.copy(1);
  if (Engine* engine = from.engine()) engine->sendTo(path, std::move(bytes));
  return nullptr;
}

/** send(peer, packet) */
napi_value send(napi_env env, napi_callback_info info) {
  Arguments from(env, info);
  uint32_t peer = from.number(0);
  Bytes packet = from.copy(1);
  if (Engine* engine = from.engine()) engine->send(peer, std::move(packet));
  return nullptr;
}

onair::StreamLabels labels(Arguments& from, napi_value object) {
  onair::StreamLabels labels;
  labels.ssrc = from.numberIn(object, "ssrc");
  labels.timestampOffset = from.numberIn(object, "timestampOffset");
  labels.firstSequence = uint16_t(from.numberIn(object, "firstSequence"));
  labels.payloadType = from.numberIn(object, "payloadType") & 0x7f;
  labels.repeatPayloadType = from.numberIn(object, "repeatPayloadType") & 0x7f;
  labels.repeatSsrc = from.numberIn(object, "repeatSsrc");
  labels.transportSequenceId = from.numberIn(object, "transportSequenceId") & 0xf;
  labels.sendTimeId = from.numberIn(object, "sendTimeId") & 0xf;
  return labels;
}

/** attach(peer, fromLastKeyFrame, video, audio?) */
napi_value attach(napi_env env, napi_callback_info info) {
  Arguments from(env, info);
  uint32_t peer = from.number(0);
  bool fromLastKeyFrame = from.truth(1);
  if (!from.isObject(2)) from.wrong = true;
  onair::StreamLabels video, audio;
  bool hasAudio = from.isObject(3);
  if (!from.wrong) video = labels(from, from.values[2]);
  if (!from.wrong && hasAudio) audio = labels(from, from.values[3]);
  if (Engine* engine = from.engine()) engine->attach(peer, video, hasAudio ? &audio : nullptr, fromLastKeyFrame);
  return nullptr;
}

/** keyFramesOnly(peer, only) */
napi_value key_frames_only(napi_env env, napi_callback_info info) {
  Arguments from(env, info);
  uint32_t peer = from.number(0);
  bool only = from.truth(1);
  if (Engine* engine = from.engine()) engine->setKeyFramesOnly(peer, only);
  return nullptr;
}

/** frame(kind, isKey, index, spreadMs, packets, places) */
napi_value frame(napi_env env, napi_callback_info info) {
  Arguments from(env, info);
  auto frame = std::make_shared<onair::Frame>();
  frame->kind = from.number(0) == 0 ? onair::Kind::kVideo : onair::Kind::kAudio;
  frame->isKey = from.truth(1);
  frame->index = uint64_t(from.real(2));
  frame->spreadUs = int64_t(from.real(3) * 1000);
  uint32_t count = 0, placeCount = 0;
  if (from.count < 6 || napi_get_array_length(env, from.values[4], &count) != napi_ok ||
      napi_get_array_length(env, from.values[5], &placeCount) != napi_ok || count != placeCount || count == 0 ||
      count > kMaxPackets)
    from.wrong = true;
  for (uint32_t at = 0; at < count && !from.wrong; at += 1) {
    napi_value packet = nullptr, place = nullptr;
    napi_get_element(env, from.values[4], at, &packet);
    napi_get_element(env, from.values[5], at, &place);
    auto [data, length] = from.bytes(packet);
    if (length <= 12 || length > 1472) from.wrong = true;
    if (from.wrong) break;
    frame->packets.push_back({uint32_t(frame->bytes.size()), uint16_t(length), uint16_t(from.toReal(place))});
    frame->bytes.insert(frame->bytes.end(), data, data + length);
  }
  if (Engine* engine = from.engine()) engine->frame(std::move(frame));
  return nullptr;
}

/** resend(peer, sequences) */
napi_value resend(napi_env env, napi_callback_info info) {
  Arguments from(env, info);
  uint32_t peer = from.number(0);
  uint32_t count = 0;
  std::vector<uint16_t> sequences;
  if (from.count < 2 || napi_get_array_length(env, from.values[1], &count) != napi_ok) from.wrong = true;
  for (uint32_t at = 0; at < std::min<uint32_t>(count, 1024) && !from.wrong; at += 1) {
    napi_value value = nullptr;
    napi_get_element(env, from.values[1], at, &value);
    sequences.push_back(uint16_t(from.toReal(value)));
  }
  if (Engine* engine = from.engine()) engine->resend(peer, std::move(sequences));
  return nullptr;
}

/** sent(peer, first, count, values): fills a Float64Array with [microseconds, bytes, …], -1 where unknown */
napi_value sent(napi_env env, napi_callback_info info) {
  Arguments from(env, info);
  uint32_t peer = from.number(0);
  uint32_t first = from.number(1);
  uint32_t count = from.number(2);
  napi_typedarray_type type = napi_int8_array;
  size_t length = 0;
  void* data = nullptr;
  if (from.count < 4 ||
      napi_get_typedarray_info(env, from.values[3], &type, &length, &data, nullptr, nullptr) != napi_ok ||
      type != napi_float64_array || length < 2 * size_t(count))
    from.wrong = true;
  Engine* engine = from.engine();
  if (engine == nullptr) return nullptr;
  auto* values = static_cast<double*>(data);
  std::fill(values, values + 2 * size_t(count), -1.0);
  auto record = engine->record(peer);
  if (record == nullptr) return nullptr;
  std::lock_guard<std::mutex> lock(record->mutex);
  if (record->sent.empty()) return nullptr;
  for (uint32_t at = 0; at < std::min<uint32_t>(count, onair::PeerRecord::kSentKept); at += 1) {
    const auto& entry = record->sent[(first + at) % onair::PeerRecord::kSentKept];
    if (!entry.known) continue;
    values[2 * at] = entry.timeUs;
    values[2 * at + 1] = entry.bytes;
  }
  return nullptr;
}

/** counts(peer): {videoPackets, videoOctets, audioPackets, audioOctets, bytesSent, skippedFrames, repeats} */
napi_value counts(napi_env env, napi_callback_info info) {
  Arguments from(env, info);
  uint32_t peer = from.number(0);
  Engine* engine = from.engine();
  auto record = engine == nullptr ? nullptr : engine->record(peer);
  if (record == nullptr) return nullptr;
  napi_value result = nullptr;
  napi_create_object(env, &result);
  std::lock_guard<std::mutex> lock(record->mutex);
  set(env, result, "videoPackets", double(record->packets[0]));
  set(env, result, "videoOctets", double(record->octets[0]));
  set(env, result, "audioPackets", double(record->packets[1]));
  set(env, result, "audioOctets", double(record->octets[1]));
  set(env, result, "bytesSent", double(record->bytesSent));
  set(env, result, "skippedFrames", double(record->skippedFrames));
  set(env, result, "repeats", double(record->repeats));
  return result;
}

/** load(): Load, since it was asked last */
napi_value load(napi_env env, napi_callback_info info) {
  Arguments from(env, info);
  Engine* engine = from.engine();
  if (engine == nullptr) return nullptr;
  onair::Load load = engine->takeLoad();
  napi_value result = nullptr;
  napi_create_object(env, &result);
  set(env, result, "busyRatio", load.busyRatio);
  set(env, result, "lateMs", load.lateMs);
  set(env, result, "mostLateMs", load.mostLateMs);
  set(env, result, "packets", double(load.packets));
  set(env, result, "bytes", double(load.bytes));
  set(env, result, "skippedFrames", double(load.skippedFrames));
  set(env, result, "droppedDatagrams", double(load.droppedDatagrams));
  napi_value segments = nullptr;
  napi_get_boolean(env, load.segments, &segments);
  napi_set_named_property(env, result, "segments", segments);
  return result;
}

/** close(): ends all viewers, telling them */
napi_value close(napi_env env, napi_callback_info info) {
  Arguments from(env, info);
  if (from.handle != nullptr) shut(env, from.handle);
  return nullptr;
}

/** True on a processor with AES instructions, where GCM is the cheapest; without, AES-CM with HMAC-SHA1 is. */
bool hasAes() {
#if defined(__x86_64__)
  unsigned a = 0, b = 0, c = 0, d = 0;
  return __get_cpuid(1, &a, &b, &c, &d) != 0 && (c & bit_AES) != 0;
#elif defined(__aarch64__)
  return (getauxval(AT_HWCAP) & HWCAP_AES) != 0;
#else
  return false;
#endif
}

void throwStart(napi_env env, int problem) {
  if (problem < 0)
    napi_throw_error(env, "ERR_OPENSSL", "OpenSSL can't make a DTLS context");
  else
    napi_throw_error(env, strerrorname_np(problem), strerror(problem));
}

/** start(port, bindAddress, callback): the engine. Throws with the system's code where the port can't be had. */
napi_value start(napi_env env, napi_callback_info info) {
  Arguments from(env, info);
  uint16_t port = uint16_t(from.number(0));
  std::string address = from.text(1);
  napi_valuetype type = napi_undefined;
  if (from.count < 3 || napi_typeof(env, from.values[2], &type) != napi_ok || type != napi_function) from.wrong = true;
  if (from.wrong) {
    napi_throw_type_error(env, nullptr, "start(port, bindAddress, callback)");
    return nullptr;
  }
  auto* handle = new Handle;
  napi_value name = nullptr, object = nullptr;
  napi_create_string_utf8(env, "onair webrtc", NAPI_AUTO_LENGTH, &name);
  napi_create_threadsafe_function(env, nullptr, nullptr, name, 0, 1, nullptr, nullptr, handle, deliver, &handle->notify);
  napi_unref_threadsafe_function(env, handle->notify);
  handle->engine = std::make_unique<Engine>(
      [handle] { napi_call_threadsafe_function(handle->notify, nullptr, napi_tsfn_nonblocking); });
  const char* profiles = hasAes() ? "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80"
                                  : "SRTP_AES128_CM_SHA1_80:SRTP_AEAD_AES_128_GCM";
  int problem = handle->engine->start(port, address, profiles);
  if (problem != 0) {
    handle->engine.reset();
    napi_release_threadsafe_function(handle->notify, napi_tsfn_abort);
    delete handle;
    throwStart(env, problem);
    return nullptr;
  }
  napi_create_reference(env, from.values[2], 1, &handle->callback);
  napi_create_object(env, &object);
  // The methods hold the handle too: so it lives as long as the process, a few bytes once it is closed.
  struct {
    const char* name;
    napi_callback call;
  } methods[] = {{"add", add},   {"route", route},   {"select", select}, {"remove", remove},
                 {"sendTo", send_to}, {"send", send}, {"attach", attach}, {"keyFramesOnly", key_frames_only},
                 {"frame", frame}, {"resend", resend}, {"sent", sent},   {"counts", counts},
                 {"load", load},   {"close", close}};
  for (const auto& method : methods) {
    napi_value function = nullptr;
    napi_create_function(env, method.name, NAPI_AUTO_LENGTH, method.call, handle, &function);
    napi_set_named_property(env, object, method.name, function);
  }
  napi_add_env_cleanup_hook(env, [](void* data) {
    auto* ending = static_cast<Handle*>(data);
    if (ending->engine) ending->engine->stop();
  }, handle);
  set(env, object, "port", handle->engine->port());
  napi_value ipv4 = nullptr, fingerprint = nullptr;
  napi_get_boolean(env, handle->engine->isIpv4(), &ipv4);
  napi_set_named_property(env, object, "ipv4Only", ipv4);
  const auto& digest = handle->engine->fingerprint();
  napi_create_buffer_copy(env, digest.size(), digest.data(), nullptr, &fingerprint);
  napi_set_named_property(env, object, "fingerprint", fingerprint);
  return object;
}

/** What JavaScript holds of the input: the reader and the way back. */
struct InputHandle {
  std::unique_ptr<onair::InputReader> reader;
  napi_threadsafe_function notify = nullptr;
  napi_ref callback = nullptr;
};

void deliverInput(napi_env env, napi_value, void* context, void*) {
  auto* handle = static_cast<InputHandle*>(context);
  if (env == nullptr || handle->reader == nullptr) return;
  Bytes packets = handle->reader->takePackets();
  if (!packets.empty()) callWith(env, handle->callback, packets);
}

InputHandle* inputOf(napi_env env, napi_callback_info info) {
  void* data = nullptr;
  if (napi_get_cb_info(env, info, nullptr, nullptr, nullptr, &data) != napi_ok) return nullptr;
  auto* handle = static_cast<InputHandle*>(data);
  return handle->reader == nullptr ? nullptr : handle;
}

napi_value close_input(napi_env env, napi_callback_info info) {
  InputHandle* handle = inputOf(env, info);
  if (handle == nullptr) return nullptr;
  handle->reader->stop();
  handle->reader.reset();
  napi_release_threadsafe_function(handle->notify, napi_tsfn_abort);
  napi_delete_reference(env, handle->callback);
  handle->callback = nullptr;
  return nullptr;
}

/** expect(videoSsrc, audioSsrc, mask): whether the system sees to it. */
napi_value expect_input(napi_env env, napi_callback_info info) {
  Arguments from(env, info);
  InputHandle* handle = inputOf(env, info);
  uint32_t ssrcs[] = {from.number(0), from.number(1)}, mask = from.number(2);
  bool done = handle != nullptr && !from.wrong;
  for (int at = 0; done && at < onair::InputReader::kSockets; at += 1)
    done = handle->reader->expect(at, ssrcs[at], mask) == 0;
  napi_value result = nullptr;
  napi_get_boolean(env, done, &result);
  return result;
}

/** dropped(): how many packets the system did not let in. */
napi_value dropped_input(napi_env env, napi_callback_info info) {
  InputHandle* handle = inputOf(env, info);
  napi_value result = nullptr;
  napi_create_uint32(env, handle == nullptr ? 0 : handle->reader->dropped(), &result);
  return result;
}

/** openInput(receiveBufferBytes, callback): two loopback ports. Throws with the system's code. */
napi_value open_input(napi_env env, napi_callback_info info) {
  Arguments from(env, info);
  uint32_t bytes = from.number(0);
  napi_valuetype type = napi_undefined;
  if (from.wrong || from.count < 2 || napi_typeof(env, from.values[1], &type) != napi_ok || type != napi_function) {
    napi_throw_type_error(env, nullptr, "openInput(receiveBufferBytes, callback)");
    return nullptr;
  }
  // It lives as long as the process, as the engine's does.
  auto* handle = new InputHandle;
  napi_value name = nullptr, object = nullptr, function = nullptr;
  napi_create_string_utf8(env, "onair input", NAPI_AUTO_LENGTH, &name);
  napi_create_threadsafe_function(env, nullptr, nullptr, name, 0, 1, nullptr, nullptr, handle, deliverInput,
                                  &handle->notify);
  napi_create_reference(env, from.values[1], 1, &handle->callback);
  handle->reader = std::make_unique<onair::InputReader>(
      [handle] { napi_call_threadsafe_function(handle->notify, nullptr, napi_tsfn_nonblocking); });
  int problem = handle->reader->start(int(bytes));
  if (problem != 0) {
    handle->reader.reset();
    napi_release_threadsafe_function(handle->notify, napi_tsfn_abort);
    throwStart(env, problem);
    return nullptr;
  }
  napi_add_env_cleanup_hook(env, [](void* data) {
    auto* ending = static_cast<InputHandle*>(data);
    if (ending->reader) ending->reader->stop();
  }, handle);
  napi_create_object(env, &object);
  set(env, object, "videoPort", handle->reader->port(0));
  set(env, object, "audioPort", handle->reader->port(1));
  const struct {
    const char* name;
    napi_callback call;
  } methods[] = {{"expect", expect_input}, {"dropped", dropped_input}, {"close", close_input}};
  for (const auto& method : methods) {
    napi_create_function(env, method.name, NAPI_AUTO_LENGTH, method.call, handle, &function);
    napi_set_named_property(env, object, method.name, function);
  }
  return object;
}

}  // namespace

NAPI_MODULE_INIT() {
  napi_value function = nullptr, version = nullptr;
  napi_create_function(env, "openInput", NAPI_AUTO_LENGTH, open_input, nullptr, &function);
  napi_set_named_property(env, exports, "openInput", function);
  napi_create_function(env, "start", NAPI_AUTO_LENGTH, start, nullptr, &function);
  napi_set_named_property(env, exports, "start", function);
  napi_create_string_utf8(env, OpenSSL_version(OPENSSL_VERSION), NAPI_AUTO_LENGTH, &version);
  napi_set_named_property(env, exports, "openssl", version);
  return exports;
}
