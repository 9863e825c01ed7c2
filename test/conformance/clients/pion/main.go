// A WHEP or WHIP client of pion. Usage: pion-client PICTURE whep|whip URL SECONDS
// Receives, or sends PICTURE (a key frame of H.264 with start codes, in base64) over and over; prints one line of JSON.
package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/webrtc/v4"
	"github.com/pion/webrtc/v4/pkg/media"
)

type report struct {
	Make      string  `json:"make"`
	Connected bool    `json:"connected"`
	Frames    int64   `json:"frames"`
	Problem   *string `json:"problem"`
}

const enoughFrames = 10

func ask(method, address, body string) (*http.Response, string, error) {
	request, err := http.NewRequest(method, address, strings.NewReader(body))
	if err != nil {
		return nil, "", err
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/sdp")
	}
	if token := os.Getenv("ONAIR_CONFORMANCE_TOKEN"); token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	client := http.Client{Timeout: 10 * time.Second}
	response, err := client.Do(request)
	if err != nil {
		return nil, "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, 1_000_000))
	return response, string(text), err
}

func pionVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, module := range info.Deps {
			if module.Path == "github.com/pion/webrtc/v4" {
				return "pion " + module.Version
			}
		}
	}
	return "pion"
}

func run(picture []byte, kind, address string, timeout time.Duration, seen *report) error {
	engine := &webrtc.MediaEngine{}
	if err := engine.RegisterDefaultCodecs(); err != nil {
		return err
	}
	connection, err := webrtc.NewAPI(webrtc.WithMediaEngine(engine)).NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return err
	}
	defer connection.Close()

	connected := make(chan struct{})
	failed := make(chan struct{})
	var once, onceFailed sync.Once
	connection.OnConnectionStateChange(func(state webrtc.PeerConnectionState) {
		switch state {
		case webrtc.PeerConnectionStateConnected:
			once.Do(func() { close(connected) })
		case webrtc.PeerConnectionStateFailed, webrtc.PeerConnectionStateClosed:
			onceFailed.Do(func() { close(failed) })
		}
	})

	var frames atomic.Int64
	enough := make(chan struct{})
	count := func() {
		if frames.Add(1) == enoughFrames {
			close(enough)
		}
	}
	var track *webrtc.TrackLocalStaticSample
	if kind == "whip" {
		capability := webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeH264, ClockRate: 90000,
			SDPFmtpLine: "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"}
		if track, err = webrtc.NewTrackLocalStaticSample(capability, "video", "conformance"); err != nil {
			return err
		}
		direction := webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly}
		if _, err = connection.AddTransceiverFromTrack(track, direction); err != nil {
			return err
		}
	} else {
		direction := webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}
		for _, media := range []webrtc.RTPCodecType{webrtc.RTPCodecTypeAudio, webrtc.RTPCodecTypeVideo} {
			if _, err = connection.AddTransceiverFromKind(media, direction); err != nil {
				return err
			}
		}
		connection.OnTrack(func(remote *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
			for {
				packet, _, err := remote.ReadRTP()
				if err != nil {
					return
				}
				// The marker ends a picture (RFC 6184, 5.1).
				if remote.Kind() == webrtc.RTPCodecTypeVideo && packet.Marker {
					count()
				}
			}
		})
	}

	offer, err := connection.CreateOffer(nil)
	if err != nil {
		return err
	}
	gathered := webrtc.GatheringCompletePromise(connection)
	if err = connection.SetLocalDescription(offer); err != nil {
		return err
	}
	<-gathered
	response, answer, err := ask(http.MethodPost, address, connection.LocalDescription().SDP)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusCreated {
		return fmt.Errorf("POST: %d", response.StatusCode)
	}
	if location, err := response.Location(); err == nil {
		defer ask(http.MethodDelete, location.String(), "")
	}
	if err = connection.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}); err != nil {
		return err
	}

	deadline := time.After(timeout)
	select {
	case <-connected:
		seen.Connected = true
	case <-failed:
		return fmt.Errorf("the connection failed")
	case <-deadline:
		return fmt.Errorf("no connection in %s", timeout)
	}
	if kind == "whip" {
		go func() {
			for range time.Tick(66 * time.Millisecond) {
				if track.WriteSample(media.Sample{Data: picture, Duration: 66 * time.Millisecond}) != nil {
					return
				}
				// More than WHEP's: a server that takes it not would have ended it by then.
				if frames.Load() < enoughFrames {
					count()
				}
			}
		}()
	}
	select {
	case <-enough:
	case <-failed:
		err = fmt.Errorf("the connection ended after %d frames", frames.Load())
	case <-deadline:
		err = fmt.Errorf("%d frames in %s", frames.Load(), timeout)
	}
	seen.Frames = frames.Load()
	return err
}

func main() {
	if len(os.Args) != 5 {
		fmt.Fprintln(os.Stderr, "usage: pion-client PICTURE whep|whip URL SECONDS")
		os.Exit(2)
	}
	picture, err := base64.StdEncoding.DecodeString(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	seconds, err := strconv.ParseFloat(os.Args[4], 64)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	seen := report{Make: pionVersion()}
	timeout := time.Duration(seconds * float64(time.Second))
	if err := run(picture, os.Args[2], os.Args[3], timeout, &seen); err != nil {
		text := err.Error()
		seen.Problem = &text
	}
	_ = json.NewEncoder(os.Stdout).Encode(seen)
}
