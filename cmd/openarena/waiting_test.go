package main

import (
	"fmt"
	"net/http"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// TestTroubleThatPasses has one server each fail for a while. The run waits as long as it was told, never shorter, and ends
// with everything done.
func TestTroubleThatPasses(t *testing.T) {
	t.Parallel()
	busy := func(retryAfter string) trouble {
		return always(429, `{"error":{"message":"Slow down."}}`, "Retry-After", retryAfter)
	}
	w := admit(t, 2,
		patient{id: "T40", why: "one reset connection", trouble: onTheWire(resets).first(1), calls: 4},
		patient{id: "T44", why: "429, a second", trouble: busy("1").first(1), calls: 4},
		patient{id: "T44", why: "429, in milliseconds", trouble: always(429, "{}", "Retry-After-Ms", "700").first(1), calls: 4},
		patient{id: "T45", why: "429, until a time of day", trouble: untilDate(2 * time.Second), calls: 4},
		patient{id: "T45", why: "429, until yesterday", trouble: busy(time.Now().Add(-24 * time.Hour).UTC().Format(http.TimeFormat)).first(1), calls: 4},
		patient{id: "T45", why: "429, until nobody knows when", trouble: busy("soon\x01").first(1), calls: 4},
		patient{id: "T45", why: "429, a negative time", trouble: busy("-5").first(1), calls: 4},
		patient{id: "T47", why: "500, then well", trouble: always(500, "").first(2), calls: 6},
		patient{id: "T47", why: "529, then well", trouble: always(529, "").first(1), calls: 4},
		patient{id: "T47", why: "503 with a time, then well", trouble: always(503, "", "Retry-After", "1").first(1), calls: 4},
		patient{id: "T47", why: "503 while it loads the model", trouble: always(503, `{"error":{"message":"Loading model"}}`).first(2), calls: 6},
		patient{id: "T48", why: "busy, inside a 200", trouble: always(200, `{"error":{"code":429,"message":"Slow down."}}`).first(1), calls: 4},
	)
	w.openarena("run")
	told := map[string]time.Duration{
		"429, a second": time.Second, "429, in milliseconds": 700 * time.Millisecond, "503 with a time, then well": time.Second,
	}
	w.each(func(t *testing.T, p *patient) {
		visits := p.server.visits()
		if len(visits) != p.calls {
			t.Errorf("the server was called %d times; want %d", len(visits), p.calls)
		}
		shortest := shortestWait(visits)
		if shortest < told[p.why] {
			t.Errorf("a prompt came back %v after it was refused; want at least %v", shortest, told[p.why])
		}
		t.Attr("figure", fmt.Sprintf("%s: back after %v", p.why, shortest.Round(time.Millisecond)))
	})
	if got, want := w.files(), w.undisturbed(); got["ranked"] != want["ranked"] || got["battles"] != want["battles"] {
		t.Errorf("the exports are\n%s\nwant\n%s", got, want)
	}
}

// shortestWait is the least time between a refusal and the next call for the same prompt, as its server saw it.
func shortestWait(visits []visit) time.Duration {
	shortest := time.Hour
	left := map[string]time.Time{}
	for _, v := range visits {
		if before, again := left[v.prompt]; again {
			shortest = min(shortest, v.came.Sub(before))
		}
		left[v.prompt] = v.left
	}
	return shortest
}

// untilDate names one time of day, in whole seconds, to whoever comes first, and takes nobody before it.
func untilDate(d time.Duration) trouble {
	until := sync.OnceValue(func() time.Time { return time.Now().Add(d).Truncate(time.Second) })
	return func(w http.ResponseWriter, r *http.Request, n int) bool {
		if n == 1 {
			return always(429, "{}", "Retry-After", until().UTC().Format(http.TimeFormat))(w, r, n)
		}
		if time.Now().Before(until()) {
			return always(400, `{"error":{"message":"too early"}}`)(w, r, n)
		}
		return false
	}
}

// TestAnHour: a server that wants to be left alone for an hour is. What others do goes on, and the run can be stopped at
// once.
func TestAnHour(t *testing.T) {
	t.Parallel()
	w := admit(t, 8, patient{id: "T45", why: "Away", trouble: always(429, "{}", "Retry-After", "3600")})
	cmd := exec.CommandContext(t.Context(), "openarena", "run")
	var said strings.Builder
	cmd.Dir, cmd.Env, cmd.Stderr = w.dir, w.environ(), &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if err := w.server.WaitReplies(t.Context(), 8); err != nil { // all of the model that is well
		t.Fatal(err)
	}
	w.patients[0].server.await(t, inFlight)
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // the exit code is looked at
	if code := cmd.ProcessState.ExitCode(); code != exitInterrupted {
		t.Errorf("exit code %d; want %d\n%s", code, exitInterrupted, &said)
	}
	// One refusal may be about one call: the endpoint pauses when half of those in flight say the same.
	visits := w.patients[0].server.visits()
	if len(visits) > 2*inFlight {
		t.Errorf("a server that asked for an hour was called %d times; want at most twice what may be in flight, %d", len(visits), inFlight)
	}
	if shortest := shortestWait(visits); shortest < time.Hour {
		t.Errorf("a prompt came back after %v", shortest)
	}
	t.Attr("figure", fmt.Sprintf("an hour: %d calls", len(visits)))
	w.mend(func(*patient) int { return 8 })
}
