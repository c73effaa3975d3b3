package hub

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"openarena/internal/secret"
)

// FromEnvironment reads the variables of the Python library huggingface_hub, with its defaults: HF_ENDPOINT, HF_TOKEN,
// HF_TOKEN_PATH, HF_HOME, HF_HUB_CACHE, HF_HUB_OFFLINE and HF_HUB_DISABLE_IMPLICIT_TOKEN; and OPENARENA_CACHE, the folder
// of our own cache. getenv returns "" for what is not set. It fails if a token file is there and cannot be read.
func FromEnvironment(getenv func(string) string) (Options, error) {
	home := hubHome(getenv)
	o := Options{
		Endpoint: getenv("HF_ENDPOINT"),
		Offline:  isTrue(getenv("HF_HUB_OFFLINE")),
		Cache:    first(expand(getenv("HF_HUB_CACHE")), expand(getenv("HUGGINGFACE_HUB_CACHE")), join(home, "hub")),
	}
	if own, err := os.UserCacheDir(); err == nil {
		o.Own = filepath.Join(own, "openarena", "hub")
	}
	o.Own = first(join(expand(getenv("OPENARENA_CACHE")), "hub"), o.Own)
	text := first(clean(getenv("HF_TOKEN")), clean(getenv("HUGGING_FACE_HUB_TOKEN")))
	if text == "" && !isTrue(getenv("HF_HUB_DISABLE_IMPLICIT_TOKEN")) {
		var err error
		if text, err = tokenFile(first(expand(getenv("HF_TOKEN_PATH")), join(home, "token"))); err != nil {
			return o, err
		}
	}
	o.Token = secret.New(text)
	return o, nil
}

// hubHome is the folder of the Python library; "" where the user has no home.
func hubHome(getenv func(string) string) string {
	cache := expand(getenv("XDG_CACHE_HOME"))
	if home, err := os.UserHomeDir(); cache == "" && err == nil {
		cache = filepath.Join(home, ".cache")
	}
	return first(expand(getenv("HF_HOME")), join(cache, "huggingface"))
}

func tokenFile(name string) (string, error) {
	if name == "" {
		return "", nil
	}
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("the token of the Hub cannot be read: %w", err)
	}
	return clean(string(text)), nil
}

// clean drops line ends and space, as files and copied tokens have them.
func clean(token string) string {
	return strings.TrimSpace(strings.NewReplacer("\r", "", "\n", "").Replace(token))
}

func isTrue(text string) bool {
	return slices.Contains([]string{"1", "ON", "YES", "TRUE"}, strings.ToUpper(text))
}

// expand puts the user's home in place of a leading ~.
func expand(name string) string {
	if rest, ok := strings.CutPrefix(name, "~"); ok && (rest == "" || os.IsPathSeparator(rest[0])) {
		if home, err := os.UserHomeDir(); err == nil {
			return filepath.Join(home, rest)
		}
	}
	return name
}

func join(dir, name string) string {
	if dir == "" {
		return ""
	}
	return filepath.Join(dir, name)
}

func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
