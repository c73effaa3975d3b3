package web

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
)

// LeastToken is how many characters a token has at least: it is all that keeps others out.
const LeastToken = 16

// guard lets in who asks for this server by a name of its own and, where there is a token, shows it.
type guard struct {
	names  map[string]bool // beside addresses
	bound  netip.Addr      // what the server listens at; the zero value: loopback
	token  []byte          // its hash; nil: there is none
	cookie http.Cookie     // for who has shown the token
}

func newGuard(o Options) guard {
	g := guard{names: map[string]bool{"localhost": true}}
	host, port, _ := net.SplitHostPort(o.Address)
	g.bound, _ = netip.ParseAddr(host)
	for _, name := range append(o.Hosts, host) {
		if name != "" {
			g.names[strings.ToLower(name)] = true
		}
	}
	if o.Token != "" {
		g.token = hashed(o.Token)
		said := hmac.New(sha256.New, []byte(o.Token))
		said.Write([]byte("openarena cookie"))
		// Cookies of one host are shared by its ports.
		g.cookie = http.Cookie{Name: "openarena-" + port, Value: hex.EncodeToString(said.Sum(nil)), Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode}
	}
	return g
}

func hashed(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// knows reports whether a Host header names this server. A page of another site whose name was made to lead here has its own
// name in there: no address, and none of ours.
func (g guard) knows(host string) bool {
	name := strings.ToLower(host)
	if h, port, err := net.SplitHostPort(name); err == nil {
		if _, err := strconv.ParseUint(port, 10, 16); err != nil {
			return false
		}
		name = h
	}
	name = strings.TrimSuffix(strings.TrimPrefix(name, "["), "]")
	if addr, err := netip.ParseAddr(name); err == nil {
		addr = addr.Unmap()
		return addr.IsLoopback() || addr == g.bound.Unmap() || g.bound.IsUnspecified()
	}
	return g.names[name] || strings.HasSuffix(name, ".localhost")
}

// admit reports whether a request may go on. Where it shows the token in its address, it is sent on without.
func (g guard) admit(w http.ResponseWriter, r *http.Request) (bool, error) {
	if !g.knows(r.Host) {
		return false, &trouble{
			Status: http.StatusMisdirectedRequest, Title: "Another name",
			Text: "This server was asked for by the name " + r.Host + ", which it does not know; another site may be behind that. If the name is yours, start it with",
			Do:   []string{"openarena serve --host " + plainHost(r.Host)},
		}
	}
	if g.token == nil {
		return true, nil
	}
	if c, err := r.Cookie(g.cookie.Name); err == nil && hmac.Equal([]byte(c.Value), []byte(g.cookie.Value)) {
		return !g.sentOn(w, r), nil
	}
	if given, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok && hmac.Equal(hashed(given), g.token) {
		return true, nil
	}
	if given := r.URL.Query().Get("token"); given != "" && r.Method == http.MethodGet && hmac.Equal(hashed(given), g.token) {
		http.SetCookie(w, &g.cookie)
		return !g.sentOn(w, r), nil
	}
	w.Header().Set("WWW-Authenticate", "Bearer")
	return false, &trouble{
		Status: http.StatusUnauthorized, Title: "A token is needed",
		Text: "This server shows its pages to who has its token. Open its address once with ?token=TOKEN behind it; whoever started it knows the token.",
	}
}

// sentOn sends a request whose address holds a token to the address without it, so that it stays in no history.
func (g guard) sentOn(w http.ResponseWriter, r *http.Request) bool {
	q := r.URL.Query()
	if r.Method != http.MethodGet || !q.Has("token") {
		return false
	}
	q.Del("token")
	// One slash in front: two would lead to another host.
	to := "/" + strings.TrimLeft(r.URL.EscapedPath(), "/\\")
	if len(q) > 0 {
		to += "?" + q.Encode()
	}
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusSeeOther)
	return true
}

// plainHost is the name in a Host header, if it is one that may stand in a command.
func plainHost(host string) string {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	odd := func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '.' && c != '-'
	}
	if name == "" || strings.ContainsFunc(name, odd) || name[0] == '-' {
		return "NAME"
	}
	return name
}
