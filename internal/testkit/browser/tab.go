package browser

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// patience is how long a condition may take to come true on a machine that is busy. Nothing is measured by it.
const patience = 90 * time.Second

// Tab is one page of a browser, with cookies and storage of its own. It notes whatever a page should not do.
type Tab struct {
	context context.Context
	close   func()
	origin  string // requests to any other are wrong

	mu    sync.Mutex
	wrong []string
	loads int // documents that were fetched
}

// canary is a function of every page that texts of others try to call: whoever manages it has run a script.
const canary = `window.alarm = window.alarm || function (what) { console.error("ALARM: a script of others ran: " + what) };`

// Open opens a tab for one origin, such as http://127.0.0.1:8765, or file:// for reports. Files have no origin that differs:
// any request but those for files is wrong there.
func (c *Chromium) Open(origin string) (*Tab, error) {
	t := &Tab{origin: origin}
	t.context, t.close = chromedp.NewContext(c.context, chromedp.WithNewBrowserContext(), chromedp.WithListener(t.hear))
	err := chromedp.Do(t.context) // whoever runs first keeps the tab alive
	if err == nil {
		err = t.enable()
	}
	if err != nil {
		t.close()
		return nil, fmt.Errorf("open a tab: %w", err)
	}
	return t, nil
}

// enable has the browser tell what happens in the tab.
func (t *Tab) enable() error {
	_, err := chromedp.Call(t.context, network.Enable, network.EnableParams{})
	if err == nil {
		_, err = chromedp.Call(t.context, log.Enable, cdp.Empty{})
	}
	if err == nil {
		err = t.Before(canary)
	}
	return err
}

// Close closes the tab.
func (t *Tab) Close() { t.close() }

// hear notes what happens in the tab.
func (t *Tab) hear(event any) {
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning || e.Type == runtime.ConsoleAPICalledTypeAssert {
			t.note("console: " + spoken(e.Args))
		}
	case *runtime.EventExceptionThrown:
		t.note("exception: " + thrown(e.ExceptionDetails))
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			t.note(fmt.Sprintf("log, %s: %s %s", e.Entry.Source, e.Entry.Text, e.Entry.URL))
		}
	case *network.EventRequestWillBeSent:
		t.asked(e)
	case *page.EventJavascriptDialogOpening:
		t.note("dialog: " + e.Message)
		go call(t, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{}) // it is noted
	case *page.EventWindowOpen:
		t.note("window opened: " + e.URL)
	}
}

func (t *Tab) note(what string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.wrong = append(t.wrong, what)
}

func (t *Tab) asked(e *network.EventRequestWillBeSent) {
	if e.Type == network.ResourceTypeDocument {
		t.mu.Lock()
		t.loads++
		t.mu.Unlock()
	}
	if !t.own(e.Request.URL) {
		t.note(fmt.Sprintf("request to somebody else: %s %s", e.Request.Method, e.Request.URL))
	}
}

// own reports whether an address is of the origin. What is inlined asks nobody.
func (t *Tab) own(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	switch u.Scheme {
	case "data", "about":
		return true
	case "blob":
		return strings.HasPrefix(u.Opaque, t.origin)
	case "file":
		return t.origin == "file://"
	}
	return u.Scheme+"://"+u.Host == t.origin
}

// spoken are the words of a console's line.
func spoken(args []*runtime.RemoteObject) string {
	var words []string
	for _, a := range args {
		if a.Description != "" {
			words = append(words, a.Description)
			continue
		}
		words = append(words, string(a.Value))
	}
	return strings.Join(words, " ")
}

// thrown is what a script died of.
func thrown(d *runtime.ExceptionDetails) string {
	if d.Exception != nil {
		return d.Text + " " + d.Exception.Description
	}
	return d.Text
}

// Wrong returns what went wrong since it was last asked.
func (t *Tab) Wrong() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	wrong := t.wrong
	t.wrong = nil
	return wrong
}

// Loads is how many documents were fetched since the tab was opened.
func (t *Tab) Loads() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.loads
}

// do runs an action in a tab.
func do[T any](t *Tab, action chromedp.Action[T]) (T, error) {
	ctx, cancel := context.WithTimeout(t.context, patience)
	defer cancel()
	return chromedp.Run(ctx, action)
}

// call runs a command of the browser's protocol in a tab.
func call[P, R any](t *Tab, command cdp.Command[P, R], params P) (R, error) {
	ctx, cancel := context.WithTimeout(t.context, patience)
	defer cancel()
	return chromedp.Call(ctx, command, params)
}

// Before has each page to come run a script before its own.
func (t *Tab) Before(script string) error {
	_, err := call(t, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script})
	return err
}

// Go opens an address and waits until it is loaded.
func (t *Tab) Go(path string) error {
	if _, err := do(t, chromedp.Navigate(t.origin+path)); err != nil {
		return fmt.Errorf("open %s: %w", t.origin+path, err)
	}
	return nil
}

// Reload loads the page anew.
func (t *Tab) Reload() error {
	_, err := do(t, chromedp.Reload())
	return err
}

// Eval has the page in a tab compute an expression, or the promise of one.
func Eval[T any](t *Tab, expression string) (T, error) {
	value, err := do(t, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		err = fmt.Errorf("%s: %w", short(expression), err)
	}
	return value, err
}

// Wait waits until an expression is true, on this page or on one that follows it.
func (t *Tab) Wait(condition string) error {
	ctx, cancel := context.WithTimeout(t.context, patience)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		holds, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("!!("+condition+")"))
		if err == nil && holds {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("never came true: %s (last error: %v)", short(condition), err)
		}
	}
}

func short(s string) string {
	if len(s) > 200 {
		return s[:200] + " …"
	}
	return s
}

// View is how wide a window is, in CSS pixels, and which theme the reader prefers.
type View struct {
	Width, Height int64
	Dark          bool
}

// Views are the widths from a phone to a wall, in both themes.
var Views = []View{
	{360, 740, false}, {360, 740, true}, {1280, 900, false}, {1280, 900, true}, {2560, 1440, false}, {2560, 1440, true},
}

// String names a view in tests and pictures.
func (v View) String() string {
	theme := "light"
	if v.Dark {
		theme = "dark"
	}
	return fmt.Sprintf("%d-%s", v.Width, theme)
}

// Look sets the view.
func (t *Tab) Look(v View) error {
	theme := "light"
	if v.Dark {
		theme = "dark"
	}
	size := emulation.SetDeviceMetricsOverrideParams{Width: v.Width, Height: v.Height, DeviceScaleFactor: 1}
	if _, err := call(t, emulation.SetDeviceMetricsOverride, size); err != nil {
		return err
	}
	_, err := call(t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: theme}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}})
	return err
}

// Scripts lets pages run scripts or not, from the next one on.
func (t *Tab) Scripts(run bool) error {
	_, err := call(t, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !run})
	return err
}

// Press presses keys one after the other; kb of chromedp names those that are no letters.
func (t *Tab) Press(keys string) error {
	_, err := do(t, chromedp.KeyEvent(keys))
	return err
}

// Picture is the page as PNG: all of it, or what the window shows.
func (t *Tab) Picture(all bool) ([]byte, error) {
	if all {
		return do(t, chromedp.FullScreenshot(100))
	}
	return do(t, chromedp.CaptureScreenshot())
}

// PDF prints the page.
func (t *Tab) PDF() ([]byte, error) { return do(t, chromedp.PrintToPDF()) }
