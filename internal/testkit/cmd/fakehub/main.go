// Command fakehub serves the fake Hub of internal/testkit/fakehub until it is interrupted, for scripts and people. The first
// line on stdout is its URL, which HF_ENDPOINT takes. DIR holds a folder per owner, and in each a folder per dataset.
package main

import (
	"context"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"openarena/internal/testkit/fakehub"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("fakehub", flag.ContinueOnError)
	flags.Usage = func() {
		fmt.Fprintln(flags.Output(), "usage: fakehub [flags] [DIR]\nDIR/OWNER/DATASET/… are the files of datasets.")
		flags.PrintDefaults()
	}
	address := flags.String("addr", "127.0.0.1:0", "address to listen on; port 0 takes a free one")
	token := flags.String("token", "hf_fake", "a token that may write to what USER and every owner in DIR own")
	user := flags.String("user", "ada", "whose token it is")
	page := flags.Int("page", 1000, "entries of a page of a listing")
	part := flags.Int64("part", 20<<20, "bytes of a part of a large upload")
	if err := flags.Parse(args); err != nil {
		return err
	}
	h, err := fakehub.Start(*address, fakehub.PageSize(*page), fakehub.PartSize(*part))
	if err != nil {
		return err
	}
	account := fakehub.Account{User: *user, Role: "write", Orgs: map[string]string{}}
	if flags.NArg() > 0 {
		if err := load(h, flags.Arg(0), account.Orgs); err != nil {
			return err
		}
	}
	h.AddToken(*token, account)
	fmt.Println(h.URL)
	<-ctx.Done()
	return h.Close()
}

// load adds the datasets below a folder, and their owners as organisations.
func load(h *fakehub.Hub, root string, orgs map[string]string) error {
	datasets, err := filepath.Glob(filepath.Join(root, "*", "*"))
	if err != nil {
		return fmt.Errorf("%s: %w", root, err)
	}
	for _, folder := range datasets {
		files := map[string][]byte{}
		err := filepath.WalkDir(folder, func(name string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			inside, err := filepath.Rel(folder, name)
			if err != nil {
				return err
			}
			files[filepath.ToSlash(inside)], err = os.ReadFile(name)
			return err
		})
		if err != nil {
			return err
		}
		id, err := filepath.Rel(root, folder)
		if err != nil {
			return err
		}
		id = filepath.ToSlash(id)
		owner, _, _ := strings.Cut(id, "/")
		orgs[owner] = "write"
		fmt.Fprintf(os.Stderr, "%s at %s\n", id, h.AddDataset(id, files))
	}
	return nil
}
