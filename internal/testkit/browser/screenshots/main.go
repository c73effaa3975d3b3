// Command screenshots makes the pictures of the documentation: it serves the arena in testdata/arena, which real models played,
// and takes pictures of its pages. Run it with `make screenshots`; no model is called.
//
// With addresses, such as http://127.0.0.1:8765/run, it takes pictures of these instead, as long as the pages are, in three widths
// and both themes.
package main

import (
	"compress/gzip"
	"context"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"

	"github.com/chromedp/chromedp"

	"openarena/internal/testkit/browser"
)

// most is how large a picture may be: all of them are in every clone.
const most = 200_000

// shot is one picture.
type shot struct {
	name string
	path string // of the page; "" for the battle below
	view browser.View
}

var shots = []shot{
	{"leaderboard-light", "/", browser.View{Width: 1280, Height: 960}},
	{"leaderboard-dark", "/", browser.View{Width: 1280, Height: 960, Dark: true}},
	{"battle-light", "", browser.View{Width: 1280, Height: 960}},
	{"battle-dark", "", browser.View{Width: 1280, Height: 960, Dark: true}},
}

// battle finds the address of the battle that is shown, on the list of all.
const battle = `[...document.querySelectorAll('main a[href^="/battle/"]')].find(a => a.closest("tr, li, article").innerText.includes("rice")).getAttribute("href")`

func main() {
	root := flag.String("root", "../../..", "`folder` of the repository")
	out := flag.String("o", "../../../docs/screenshots", "`folder` to write to")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	do := run
	if flag.NArg() > 0 {
		do = func(ctx context.Context, _, out string) error { return look(ctx, flag.Args(), out) }
	}
	if err := do(ctx, *root, *out); err != nil {
		fmt.Fprintln(os.Stderr, "screenshots:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, root, out string) error {
	folder, err := os.MkdirTemp("", "openarena-screenshots-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	program, err := browser.Build(ctx, root, folder)
	if err != nil {
		return err
	}
	arena, err := played(program, filepath.Join(root, "internal/testkit/browser/testdata/arena"), filepath.Join(folder, "small models"))
	if err != nil {
		return err
	}
	site, err := arena.Serve(ctx)
	if err != nil {
		return err
	}
	defer site.Stop() //nolint:errcheck // it has served its turn
	c, err := browser.Start(ctx, chromedp.Flag("hide-scrollbars", true))
	if err != nil {
		return err
	}
	defer c.Close()
	return take(c, site.URL, out)
}

// played is the arena of the pictures, in a folder where it may be changed.
func played(program *browser.Program, from, folder string) (*browser.Arena, error) {
	if err := os.Mkdir(folder, 0o700); err != nil {
		return nil, err
	}
	files := map[string]string{}
	for _, name := range []string{"arena.yaml", "questions.jsonl", "tasks.jsonl"} {
		data, err := os.ReadFile(filepath.Join(from, name))
		if err != nil {
			return nil, err
		}
		files[name] = string(data)
	}
	packed, err := os.Open(filepath.Join(from, "arena.db.gz"))
	if err != nil {
		return nil, err
	}
	defer packed.Close()
	r, err := gzip.NewReader(packed)
	if err != nil {
		return nil, err
	}
	db, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	files["arena.db"] = string(db)
	return program.Arena(folder, files)
}

func take(c *browser.Chromium, site, out string) error {
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	tab, err := c.Open(site)
	if err != nil {
		return err
	}
	defer tab.Close()
	if err := tab.Go("/battles"); err != nil {
		return err
	}
	one, err := browser.Eval[string](tab, battle)
	if err != nil {
		return fmt.Errorf("no battle to show: %w", err)
	}
	for _, s := range shots {
		if s.path == "" {
			s.path = one
		}
		if err := picture(tab, s, filepath.Join(out, s.name+".png")); err != nil {
			return err
		}
	}
	return nil
}

// look takes pictures of pages that others serve, or of a report's.
func look(ctx context.Context, addresses []string, out string) error {
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	c, err := browser.Start(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	for _, address := range addresses {
		u, err := url.Parse(address)
		if err != nil {
			return err
		}
		tab, err := c.Open(u.Scheme + "://" + u.Host)
		if err != nil {
			return err
		}
		for _, v := range browser.Views {
			if err := all(tab, u, v, out); err != nil {
				return err
			}
		}
		for _, wrong := range tab.Wrong() {
			fmt.Println(address, wrong)
		}
		tab.Close()
	}
	return nil
}

// unsafe are letters that no file's name should have.
var unsafe = regexp.MustCompile(`[^A-Za-z0-9.-]+`)

func all(tab *browser.Tab, u *url.URL, v browser.View, out string) error {
	if err := tab.Look(v); err != nil {
		return err
	}
	address := &url.URL{Path: u.Path, RawQuery: u.RawQuery, Fragment: u.Fragment}
	if err := tab.Go(address.String()); err != nil {
		return err
	}
	shown, err := tab.Picture(true)
	if err != nil {
		return err
	}
	name := strings.Trim(unsafe.ReplaceAllString(address.String(), "-"), "-") + "-" + v.String() + ".png"
	fmt.Println(filepath.Join(out, name), len(shown), "bytes")
	return os.WriteFile(filepath.Join(out, name), shown, 0o644)
}

func picture(tab *browser.Tab, s shot, file string) error {
	if err := tab.Look(s.view); err != nil {
		return err
	}
	if err := tab.Go(s.path); err != nil {
		return err
	}
	shown, err := tab.Picture(false)
	if err != nil {
		return err
	}
	small, err := pressed(shown)
	if err != nil {
		return err
	}
	if len(small) > most {
		return fmt.Errorf("%s has %d bytes; at most %d, or every clone grows by it", file, len(small), most)
	}
	fmt.Println(file, len(small), "bytes")
	return os.WriteFile(file, small, 0o644)
}
