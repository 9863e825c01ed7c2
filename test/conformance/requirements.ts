import { requirement as dtlsClientRole } from './dtls/dtls-client-role.ts';
import { requirement as dtlsCloseNotify } from './dtls/dtls-close-notify.ts';
import { requirement as dtlsConnects } from './dtls/dtls-connects.ts';
import { requirement as dtlsFingerprintCase } from './dtls/dtls-fingerprint-case.ts';
import { requirement as dtlsLoss } from './dtls/dtls-loss.ts';
import { requirement as dtlsServerRole } from './dtls/dtls-server-role.ts';
import { requirement as dtlsTwoFingerprints } from './dtls/dtls-two-fingerprints.ts';
import { requirement as dtlsVersion } from './dtls/dtls-version.ts';
import { requirement as dtlsWrongFingerprint } from './dtls/dtls-wrong-fingerprint.ts';
import { requirement as httpAcceptPost } from './http/http-accept-post.ts';
import { requirement as httpBearer } from './http/http-bearer.ts';
import { requirement as httpBearerSchemeCase } from './http/http-bearer-scheme-case.ts';
import { requirement as httpBearerWrong } from './http/http-bearer-wrong.ts';
import { requirement as httpCors } from './http/http-cors.ts';
import { requirement as httpCorsSession } from './http/http-cors-session.ts';
import { requirement as httpDelete } from './http/http-delete.ts';
import { requirement as httpDeleteIgnoresIfMatch } from './http/http-delete-ignores-if-match.ts';
import { requirement as httpEtag } from './http/http-etag.ts';
import { requirement as httpGetEndpoint } from './http/http-get-endpoint.ts';
import { requirement as httpGetSession } from './http/http-get-session.ts';
import { requirement as httpHeadEndpoint } from './http/http-head-endpoint.ts';
import { requirement as httpLinkExtension } from './http/http-link-extension.ts';
import { requirement as httpLinkIceServer } from './http/http-link-ice-server.ts';
import { requirement as httpLocation } from './http/http-location.ts';
import { requirement as httpMethodNotAllowed } from './http/http-method-not-allowed.ts';
import { requirement as httpNeverWas } from './http/http-never-was.ts';
import { requirement as httpNothingOnAir } from './http/http-nothing-on-air.ts';
import { requirement as httpOptions } from './http/http-options.ts';
import { requirement as httpPatchMalformed } from './http/http-patch-malformed.ts';
import { requirement as httpPatchMediaType } from './http/http-patch-media-type.ts';
import { requirement as httpPatchPreconditionFailed } from './http/http-patch-precondition-failed.ts';
import { requirement as httpPatchPreconditionRequired } from './http/http-patch-precondition-required.ts';
import { requirement as httpPostCreated } from './http/http-post-created.ts';
import { requirement as httpPostMalformed } from './http/http-post-malformed.ts';
import { requirement as httpPostMediaType } from './http/http-post-media-type.ts';
import { requirement as httpPostMediaTypeCase } from './http/http-post-media-type-case.ts';
import { requirement as httpProblemBody } from './http/http-problem-body.ts';
import { requirement as httpRedirect } from './http/http-redirect.ts';
import { requirement as httpTrickleNoContent } from './http/http-trickle-no-content.ts';
import { requirement as httpUnknownSession } from './http/http-unknown-session.ts';
import { requirement as iceCandidates } from './ice/ice-candidates.ts';
import { requirement as iceCheckAnswered } from './ice/ice-check-answered.ts';
import { requirement as iceCheckForm } from './ice/ice-check-form.ts';
import { requirement as iceCheckWrongPassword } from './ice/ice-check-wrong-password.ts';
import { requirement as iceConsentExpiry } from './ice/ice-consent-expiry.ts';
import { requirement as iceEndOfCandidates } from './ice/ice-end-of-candidates.ts';
import { requirement as iceIpv6 } from './ice/ice-ipv6.ts';
import { requirement as iceIpv6Check } from './ice/ice-ipv6-check.ts';
import { requirement as iceMdnsCandidate } from './ice/ice-mdns-candidate.ts';
import { requirement as iceOfferedCandidates } from './ice/ice-offered-candidates.ts';
import { requirement as icePeerReflexive } from './ice/ice-peer-reflexive.ts';
import { requirement as iceRestart } from './ice/ice-restart.ts';
import { requirement as iceRestartAttributes } from './ice/ice-restart-attributes.ts';
import { requirement as iceRestartCredentials } from './ice/ice-restart-credentials.ts';
import { requirement as iceRestartEtag } from './ice/ice-restart-etag.ts';
import { requirement as iceRestartKeepsMedia } from './ice/ice-restart-keeps-media.ts';
import { requirement as iceRestartRefusedKeepsSession } from './ice/ice-restart-refused-keeps-session.ts';
import { requirement as iceRoleConflict } from './ice/ice-role-conflict.ts';
import { requirement as iceTcpCandidate } from './ice/ice-tcp-candidate.ts';
import { requirement as iceTrickle } from './ice/ice-trickle.ts';
import { requirement as iceTrickledCandidates } from './ice/ice-trickled-candidates.ts';
import { requirement as lifeDeleteStopsMedia } from './life/life-delete-stops-media.ts';
import { requirement as lifeDeleteTwice } from './life/life-delete-twice.ts';
import { requirement as lifeExpired } from './life/life-expired.ts';
import { requirement as lifeManyAbandoned } from './life/life-many-abandoned.ts';
import { requirement as lifePlaysAiortc } from './life/life-plays-aiortc.ts';
import { requirement as lifePlaysChromium } from './life/life-plays-chromium.ts';
import { requirement as lifePlaysLibdatachannel } from './life/life-plays-libdatachannel.ts';
import { requirement as lifePlaysPion } from './life/life-plays-pion.ts';
import { requirement as lifePlaysWebrtcbin } from './life/life-plays-webrtcbin.ts';
import { requirement as lifePlaysWerift } from './life/life-plays-werift.ts';
import { requirement as lifePlaysWhepsrc } from './life/life-plays-whepsrc.ts';
import { requirement as lifePlaysWhipclientsink } from './life/life-plays-whipclientsink.ts';
import { requirement as lifeServerRestart } from './life/life-server-restart.ts';
import { requirement as lifeSessionNotGuessable } from './life/life-session-not-guessable.ts';
import type { Requirement } from './requirement.ts';
import { requirement as rtcpBye } from './rtp/rtcp-bye.ts';
import { requirement as rtcpCname } from './rtp/rtcp-cname.ts';
import { requirement as rtcpCompound } from './rtp/rtcp-compound.ts';
import { requirement as rtcpLossTold } from './rtp/rtcp-loss-told.ts';
import { requirement as rtcpNack } from './rtp/rtcp-nack.ts';
import { requirement as rtcpPli } from './rtp/rtcp-pli.ts';
import { requirement as rtcpReceiverReport } from './rtp/rtcp-receiver-report.ts';
import { requirement as rtcpSenderReport } from './rtp/rtcp-sender-report.ts';
import { requirement as rtcpSourceDescription } from './rtp/rtcp-source-description.ts';
import { requirement as rtcpTimestamps } from './rtp/rtcp-timestamps.ts';
import { requirement as rtpKeyFrameFirst } from './rtp/rtp-key-frame-first.ts';
import { requirement as rtpMediaFlows } from './rtp/rtp-media-flows.ts';
import { requirement as rtpPayloadType } from './rtp/rtp-payload-type.ts';
import { requirement as rtpRtx } from './rtp/rtp-rtx.ts';
import { requirement as rtpSsrcStable } from './rtp/rtp-ssrc-stable.ts';
import { requirement as rtpTimestamps } from './rtp/rtp-timestamps.ts';
import { requirement as sdpAudioOnly } from './sdp/sdp-audio-only.ts';
import { requirement as sdpBundle } from './sdp/sdp-bundle.ts';
import { requirement as sdpBundleOnly } from './sdp/sdp-bundle-only.ts';
import { requirement as sdpCodecsOneByOne } from './sdp/sdp-codecs-one-by-one.ts';
import { requirement as sdpDirection } from './sdp/sdp-direction.ts';
import { requirement as sdpExtmapAllowMixed } from './sdp/sdp-extmap-allow-mixed.ts';
import { requirement as sdpExtmapAnswer } from './sdp/sdp-extmap-answer.ts';
import { requirement as sdpExtmaps } from './sdp/sdp-extmaps.ts';
import { requirement as sdpFingerprint } from './sdp/sdp-fingerprint.ts';
import { requirement as sdpGrammar } from './sdp/sdp-grammar.ts';
import { requirement as sdpH264Packetization } from './sdp/sdp-h264-packetization.ts';
import { requirement as sdpH264Profile } from './sdp/sdp-h264-profile.ts';
import { requirement as sdpIceCredentials } from './sdp/sdp-ice-credentials.ts';
import { requirement as sdpIceLiteLevel } from './sdp/sdp-ice-lite-level.ts';
import { requirement as sdpIceLiteOffer } from './sdp/sdp-ice-lite-offer.ts';
import { requirement as sdpInactiveOffer } from './sdp/sdp-inactive-offer.ts';
import { requirement as sdpMid } from './sdp/sdp-mid.ts';
import { requirement as sdpMsid } from './sdp/sdp-msid.ts';
import { requirement as sdpNoCommonCodec } from './sdp/sdp-no-common-codec.ts';
import { requirement as sdpNoMid } from './sdp/sdp-no-mid.ts';
import { requirement as sdpNoPartialAnswer } from './sdp/sdp-no-partial-answer.ts';
import { requirement as sdpNoRtcpMux } from './sdp/sdp-no-rtcp-mux.ts';
import { requirement as sdpOfferedRejected } from './sdp/sdp-offered-rejected.ts';
import { requirement as sdpPayloadTypes } from './sdp/sdp-payload-types.ts';
import { requirement as sdpProtocol } from './sdp/sdp-protocol.ts';
import { requirement as sdpRejectedHasTransport } from './sdp/sdp-rejected-has-transport.ts';
import { requirement as sdpRejectedSection } from './sdp/sdp-rejected-section.ts';
import { requirement as sdpRtcpFeedback } from './sdp/sdp-rtcp-feedback.ts';
import { requirement as sdpRtcpMux } from './sdp/sdp-rtcp-mux.ts';
import { requirement as sdpRtcpMuxOnly } from './sdp/sdp-rtcp-mux-only.ts';
import { requirement as sdpRtcpRsize } from './sdp/sdp-rtcp-rsize.ts';
import { requirement as sdpSections } from './sdp/sdp-sections.ts';
import { requirement as sdpSendrecvOffer } from './sdp/sdp-sendrecv-offer.ts';
import { requirement as sdpSetup } from './sdp/sdp-setup.ts';
import { requirement as sdpTwoTracks } from './sdp/sdp-two-tracks.ts';
import { requirement as sdpVideoOnly } from './sdp/sdp-video-only.ts';

/** All of them, in the order of the report. */
export const requirements: readonly Requirement[] = [
  httpPostCreated,
  httpLocation,
  httpPostMediaType,
  httpPostMediaTypeCase,
  httpPostMalformed,
  httpGetEndpoint,
  httpGetSession,
  httpHeadEndpoint,
  httpOptions,
  httpAcceptPost,
  httpCors,
  httpCorsSession,
  httpEtag,
  httpPatchMediaType,
  httpPatchMalformed,
  httpPatchPreconditionRequired,
  httpPatchPreconditionFailed,
  httpTrickleNoContent,
  httpDelete,
  httpDeleteIgnoresIfMatch,
  httpUnknownSession,
  httpNeverWas,
  httpMethodNotAllowed,
  httpRedirect,
  httpProblemBody,
  httpBearer,
  httpBearerWrong,
  httpBearerSchemeCase,
  httpLinkIceServer,
  httpLinkExtension,
  httpNothingOnAir,
  sdpSections,
  sdpMid,
  sdpGrammar,
  sdpProtocol,
  sdpDirection,
  sdpSendrecvOffer,
  sdpBundle,
  sdpRtcpMux,
  sdpRtcpMuxOnly,
  sdpNoRtcpMux,
  sdpRtcpRsize,
  sdpMsid,
  sdpBundleOnly,
  sdpRejectedSection,
  sdpOfferedRejected,
  sdpNoPartialAnswer,
  sdpTwoTracks,
  sdpRejectedHasTransport,
  sdpVideoOnly,
  sdpAudioOnly,
  sdpNoCommonCodec,
  sdpPayloadTypes,
  sdpRtcpFeedback,
  sdpCodecsOneByOne,
  sdpH264Packetization,
  sdpH264Profile,
  sdpExtmaps,
  sdpExtmapAnswer,
  sdpExtmapAllowMixed,
  sdpNoMid,
  sdpInactiveOffer,
  sdpSetup,
  sdpIceCredentials,
  sdpIceLiteLevel,
  sdpIceLiteOffer,
  sdpFingerprint,
  iceCandidates,
  iceCheckAnswered,
  iceCheckWrongPassword,
  iceRoleConflict,
  iceCheckForm,
  iceOfferedCandidates,
  icePeerReflexive,
  iceTrickle,
  iceTrickledCandidates,
  iceMdnsCandidate,
  iceTcpCandidate,
  iceEndOfCandidates,
  iceRestart,
  iceRestartCredentials,
  iceRestartEtag,
  iceRestartAttributes,
  iceRestartKeepsMedia,
  iceRestartRefusedKeepsSession,
  iceIpv6,
  iceIpv6Check,
  iceConsentExpiry,
  dtlsConnects,
  dtlsWrongFingerprint,
  dtlsTwoFingerprints,
  dtlsFingerprintCase,
  dtlsVersion,
  dtlsClientRole,
  dtlsServerRole,
  dtlsLoss,
  dtlsCloseNotify,
  rtpMediaFlows,
  rtpPayloadType,
  rtpSsrcStable,
  rtpTimestamps,
  rtpKeyFrameFirst,
  rtcpPli,
  rtcpNack,
  rtpRtx,
  rtcpSenderReport,
  rtcpTimestamps,
  rtcpSourceDescription,
  rtcpCname,
  rtcpCompound,
  rtcpBye,
  rtcpReceiverReport,
  rtcpLossTold,
  lifeDeleteStopsMedia,
  lifeDeleteTwice,
  lifeExpired,
  lifeSessionNotGuessable,
  lifeServerRestart,
  lifeManyAbandoned,
  lifePlaysLibdatachannel,
  lifePlaysWerift,
  lifePlaysAiortc,
  lifePlaysWebrtcbin,
  lifePlaysWhepsrc,
  lifePlaysWhipclientsink,
  lifePlaysPion,
  lifePlaysChromium,
];
