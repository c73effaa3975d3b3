package browser

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"time"

	"github.com/chromedp/chromedp"
)

// Chromium is a browser without a window.
type Chromium struct {
	context context.Context
	close   func()
	strays  *strays
}

// programs are the names that Chromium goes by.
var programs = []string{"chromium", "chromium-browser", "google-chrome", "chrome"}

// Find returns the path of a Chromium, or an error that says how to come by one.
func Find() (string, error) {
	for _, name := range programs {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		if out, err := exec.Command(path, "--version").CombinedOutput(); err != nil {
			return "", fmt.Errorf("%s does not run: %w: %s", path, err, out) // such as where it only says what to install
		}
		return path, nil
	}
	return "", fmt.Errorf("there is no Chromium on this machine: none of %q is in PATH; Debian has it as chromium", programs)
}

// Start starts a Chromium that can reach this machine only. What it asks of any other is recorded. More options come last.
func Start(ctx context.Context, more ...chromedp.ExecAllocatorOption) (*Chromium, error) {
	path, err := Find()
	if err != nil {
		return nil, err
	}
	s, err := newStrays()
	if err != nil {
		return nil, err
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.WSURLReadTimeout(2*time.Minute), // of a machine that is busy
		chromedp.DisableGPU,
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-domain-reliability", true),
		chromedp.Flag("hide-scrollbars", false),
		chromedp.ProxyServer(s.address()), // of hosts other than this machine
	)
	if os.Getuid() == 0 {
		options = append(options, chromedp.NoSandbox) // which root cannot have
	}
	allocated, release := chromedp.NewExecAllocator(ctx, append(options, more...)...)
	browser, end := chromedp.NewContext(allocated)
	c := &Chromium{context: browser, strays: s, close: func() { end(); release(); s.close() }}
	if err := chromedp.Do(browser); err != nil {
		c.Close()
		return nil, fmt.Errorf("start %s: %w", path, err)
	}
	return c, nil
}

// Close ends the browser.
func (c *Chromium) Close() { c.close() }

// Strays are the hosts other than this machine that any page asked for something since the start.
func (c *Chromium) Strays() []string { return c.strays.hosts() }
