//go:build linux

package bench

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"
)

// measureReport writes the report of the table's arena, with answers of 1.5 kB and judges that give reasons, and opens it.
func measureReport(ctx context.Context, b *Bench) ([]Figure, error) {
	prompts, times := workPrompts, 5
	if b.Quick {
		prompts, times = 10, 1
	}
	s, err := b.serve(ctx, "-bytes", "1500")
	if err != nil {
		return nil, err
	}
	defer s.stop()
	dir, err := b.arena(oneEndpoint(s.url, 64), prompts)
	if err != nil {
		return nil, err
	}
	if _, err := b.run(ctx, dir, nil, "run", "--quiet"); err != nil {
		return nil, err
	}
	path := filepath.Join(dir, "report.html")
	var wrote []float64
	for range times {
		r, err := b.run(ctx, dir, nil, "report", "-o", path, "--quiet")
		if err != nil {
			return nil, err
		}
		wrote = append(wrote, r.wall.Seconds())
	}
	at, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	figures := []Figure{
		atMost(fmt.Sprintf("report of %d prompts × 4 models, both orders: time to write it", prompts), " s", 3, wrote...),
		atMost("the same: size", " MB", 15, float64(at.Size())/1e6),
	}
	opened, err := b.open(ctx, path, times)
	if err != nil {
		return nil, err
	}
	return append(figures, opened), nil
}

// open has a browser load a page from the disk; a machine without one has no figure.
func (b *Bench) open(ctx context.Context, path string, times int) (Figure, error) {
	const what, target = "the same: from the start of its loading to all there, in headless Chromium", 1
	var browser string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if at, err := exec.LookPath(name); err == nil {
			browser = at
			break
		}
	}
	if browser == "" {
		return Figure{What: what, Target: fmt.Sprintf("≤ %d s", target), Got: "skipped: there is no Chromium", Holds: true}, nil
	}
	timed, err := timedCopy(path)
	if err != nil {
		return Figure{}, err
	}
	var seconds []float64
	for range times {
		spent, err := loaded(ctx, browser, timed)
		if err != nil {
			return Figure{}, err
		}
		seconds = append(seconds, spent.Seconds())
	}
	return atMost(what, " s", target, seconds...), nil
}

// timedCopy is a copy of a page that writes into its title how long it took to load. It may run scripts of its own for that.
func timedCopy(path string) (string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	text = bytes.Replace(text, []byte("http-equiv=\"Content-Security-Policy\""), []byte("name=\"policy\""), 1)
	at := bytes.LastIndex(text, []byte("</body>"))
	if at < 0 {
		return "", fmt.Errorf("%s has no end", path)
	}
	timed := filepath.Join(filepath.Dir(path), "timed.html")
	const clock = `<script>addEventListener("load", () => setTimeout(() => { document.title = "took " + performance.getEntriesByType("navigation")[0].loadEventEnd + " ms"; }));</script>`
	return timed, os.WriteFile(timed, append(append(text[:at:at], clock...), text[at:]...), 0o600)
}

// loaded is what a browser of its own took for a page, without its own start.
func loaded(ctx context.Context, browser, path string) (time.Duration, error) {
	ctx, stop := context.WithTimeout(ctx, 2*time.Minute)
	defer stop()
	profile, err := os.MkdirTemp(filepath.Dir(path), "profile-*")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(profile)
	cmd := exec.CommandContext(ctx, browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
		"--user-data-dir="+profile, "--virtual-time-budget=10000", "--dump-dom", "file://"+path)
	text, err := cmd.Output()
	if err != nil {
		return 0, fmt.Errorf("%s: %w", browser, err)
	}
	_, rest, found := bytes.Cut(text, []byte("<title>took "))
	number, _, ended := bytes.Cut(rest, []byte(" ms"))
	if !found || !ended {
		return 0, fmt.Errorf("%s did not load %s to its end", browser, path)
	}
	ms, err := strconv.ParseFloat(string(number), 64)
	return time.Duration(ms * float64(time.Millisecond)), err
}
