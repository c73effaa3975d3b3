package providers

import "net/url"

// Place is scheme, host and port of an address, and nothing of it that may be a secret.
func Place(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return "an address that cannot be read"
	}
	return u.Scheme + "://" + u.Host
}

// OpenFiles is how many files this process may open; 0: no limit that matters.
func OpenFiles() int { return openFiles() }
