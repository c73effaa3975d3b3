package configs

import (
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"openarena/configs/internal/surface"
	"openarena/configs/internal/tree"
	"openarena/internal/secret"
	"openarena/internal/spelling"
)

const (
	// defaultEndpoint is the one of a file that names none: Ollama, where it listens by itself.
	defaultEndpoint     = "http://localhost:11434/v1/chat/completions"
	defaultEndpointName = "default_endpoint"
)

var (
	versionPath = regexp.MustCompile(`(^|/)v[0-9]+$`)
	headerName  = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")
)

// endpoints resolves default_endpoint and the named ones.
func (r *resolver) endpoints() {
	from := r.file.DefaultEndpoint
	if !from.At.Set() {
		from.URL.Is = defaultEndpoint
	}
	r.config.DefaultEndpoint = r.endpoint(from, defaultEndpointName)
	r.config.Endpoints = make(map[string]Endpoint, len(r.file.Endpoints))
	for name, from := range r.file.Endpoints {
		if name == defaultEndpointName {
			r.faults.Add(from.At, "an endpoint cannot be named default_endpoint: that one stands at the top of the file")
		}
		r.config.Endpoints[name] = r.endpoint(from, name)
	}
	r.endpointNames = sortedKeys(r.config.Endpoints)
}

// endpointOf resolves the endpoint of a model.
func (r *resolver) endpointOf(ref surface.EndpointRef) Endpoint {
	switch {
	case ref.Inline != nil:
		e := r.endpoint(*ref.Inline, "")
		if u, err := url.Parse(e.URL); err == nil {
			e.Name = u.Host
		}
		return e
	case !ref.Set() || ref.Name.Is == defaultEndpointName:
		return r.config.DefaultEndpoint
	}
	if e, ok := r.config.Endpoints[ref.Name.Is]; ok {
		return e
	}
	switch {
	case strings.Contains(ref.Name.Is, "://"):
		r.faults.Add(ref.Mark, "endpoint is the name of one in endpoints:, or a table: put an address into {url: …}")
	case ref.Name.Is != "":
		r.faults.Add(ref.Mark, "no endpoint is named %s%s", ref.Name.Show(), r.meant(ref.Name, r.endpointNames, "endpoints:"))
	}
	return r.config.DefaultEndpoint
}

// mostCompared names are compared with misspelt ones, so that a file of thousands of both takes no longer than others.
const mostCompared = 10_000

// meant ends a message about an unknown name: with the nearest of those that exist, or with all of them.
func (r *resolver) meant(typed surface.Text, names []string, where string) string {
	r.compared += len(names)
	if !typed.Hidden && r.compared <= mostCompared {
		if hint := spelling.Hint(typed.Is, names); hint != "" {
			return hint
		}
	}
	if len(names) == 0 {
		return ": " + where + " names none"
	}
	if len(names) > 10 {
		names = append(slices.Clone(names[:10]), "…")
	}
	return ": " + where + " has " + strings.Join(names, ", ")
}

func (r *resolver) endpoint(from surface.Endpoint, name string) Endpoint {
	e := Endpoint{
		Name:        name,
		Kind:        from.Kind.Is,
		APIKey:      secret.New(from.APIKey.Is),
		Auth:        from.Auth.Is,
		Headers:     make(Headers, len(from.Headers)),
		Concurrency: int(from.Concurrency.Is),
		RPM:         int(from.RPM.Is),
		TPM:         int(from.TPM.Is),
		Timeout:     from.Timeout.Is,
		IdleTimeout: from.IdleTimeout.Is,
		Stream:      from.Stream.Is,
		Pull:        from.Pull.Is,
	}
	for key, value := range from.Labels {
		if e.Labels == nil {
			e.Labels = map[string]string{}
		}
		e.Labels[key] = value.Is
	}
	if auth, ok := kindAuth[e.Kind]; ok && !from.Auth.Set() {
		e.Auth = auth
	}
	if from.Auth.Is == "header" {
		e.Auth = from.Auth.Header.Is
		r.header(from.Auth.Header, e.Auth)
	}
	sendsSecret := !e.APIKey.Empty() && e.Auth != "none"
	for key, value := range from.Headers {
		r.header(value, key)
		e.Headers[key] = value.Is
		if tree.SecretKey(key) {
			sendsSecret = true
			r.literal(value, "header "+key)
			if strings.EqualFold(key, authHeader(e.Auth)) && !e.APIKey.Empty() {
				r.faults.Add(value.Mark, "the header %s is set here and made from api_key too: keep one", key)
			}
		}
	}
	r.key(from.APIKey)
	e.URL, e.Kind = r.address(from, e, sendsSecret)
	r.states(from, e)
	return e
}

// authHeader is the header in which a key is sent.
func authHeader(auth string) string {
	switch auth {
	case "bearer":
		return "Authorization"
	case "none":
		return ""
	}
	return auth
}

// header checks one header: its name, and that its value cannot begin another.
func (r *resolver) header(value surface.Text, name string) {
	if !value.Set() {
		return
	}
	if !headerName.MatchString(name) {
		r.faults.Add(value.Mark, "this is no name of a header: use letters, digits and dashes")
	}
	if strings.ContainsAny(value.Is, "\r\n\x00") {
		r.faults.Add(value.Mark, "a header holds a line break: remove it")
	}
}

// key checks an API key.
func (r *resolver) key(key surface.Text) {
	if strings.ContainsAny(key.Is, " \t\r\n") {
		r.faults.Add(key.Mark, "the key holds a space or a line break: remove it, from the variable too")
	}
	r.literal(key, "api_key")
}

// literal warns of a secret that stands in the file itself.
func (r *resolver) literal(value surface.Text, name string) {
	if value.Is != "" && !value.Varied {
		r.warnings.Add(value.Mark, "%s is a literal key: keep it out of files, write ${NAME} and set that variable", name)
		r.secrets.Add(value.Mark, "%s is a literal key: write ${NAME} and set that variable on each machine; auth: none where none is needed", name)
	}
}

// address resolves an endpoint's URL, and its kind, which a native path of Ollama decides.
func (r *resolver) address(from surface.Endpoint, e Endpoint, sendsSecret bool) (address, ofKind string) {
	kind := e.Kind
	if from.URL.Is == "" {
		r.filled(from.URL, "url")
		return "", kind
	}
	of := ""
	if e.Name != "" {
		of = e.Name + ": "
	}
	u, err := url.Parse(from.URL.Is)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		r.faults.Add(from.URL.Mark, "%surl must be an address such as http://localhost:8000/v1", of)
		return "", kind
	}
	for _, fault := range addressFaults(u, sendsSecret) {
		r.faults.Add(from.URL.Mark, "%s%s", of, fault)
	}
	if keyInPath.MatchString(u.Path) {
		r.warnings.Add(from.URL.Mark, "%surl looks as if it held a key: if so, write api_key: ${NAME} instead", of)
		if !from.URL.Varied {
			r.secrets.Add(from.URL.Mark, "%surl looks as if it held a key: write ${NAME} in its place and set that variable on each machine", of)
		}
	}
	if u.Path == "/api/chat" && kind == "openai" {
		return u.String(), "ollama"
	}
	if kind == "openai" && !from.Kind.Set() {
		if advice := foreignHost(u); advice != "" {
			r.warnings.Add(from.URL.Mark, "%s", advice)
		}
	}
	if complete, ok := completions[kind]; ok {
		if err := complete(u); err != nil {
			r.faults.Add(from.URL.Mark, "%s%v", of, err)
		}
	}
	return u.String(), kind
}

// keyInPath is a part of a path that begins as keys do.
var keyInPath = regexp.MustCompile(`(^|/)(sk|gsk|hf|xai)[-_][A-Za-z0-9_-]{16,}`)

// addressFaults are what may not stand in an address. None repeats it, since it may hold a secret.
func addressFaults(u *url.URL, sendsSecret bool) (faults []string) {
	if u.User != nil {
		faults = append(faults, "url holds a user or password: remove it, and write api_key: ${NAME}")
	}
	if strings.ContainsAny(u.Path, " \t\r\n") {
		faults = append(faults, "url holds a blank: remove it")
	}
	if u.Fragment != "" {
		faults = append(faults, "url holds a #: nothing behind it is sent; remove it")
	}
	for _, name := range sortedKeys(u.Query()) {
		if tree.SecretKey(name) {
			faults = append(faults, fmt.Sprintf("url holds a key, as %q: remove it, and write api_key: ${NAME}", name))
		}
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			faults = append(faults, "url names a port that is none: they go from 1 to 65535")
		}
	}
	if u.Scheme == "http" && sendsSecret && !private(u.Hostname()) {
		faults = append(faults, "the key would be sent unencrypted: use https://, or write auth: none if the server needs no key")
	}
	return faults
}

// chatPath is the path that calls go to.
func chatPath(path string) string {
	trimmed := strings.TrimRight(path, "/")
	switch {
	case trimmed == "", versionPath.MatchString(trimmed):
		return trimmed + "/chat/completions"
	case strings.HasSuffix(trimmed, "/chat/completions"):
		return trimmed
	}
	return path
}

// private reports whether a host is this machine or one of a network of one's own: a loopback or private address, a name
// without a dot, or one below a domain that is never public.
func private(host string) bool {
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast()
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if !strings.Contains(host, ".") {
		return true
	}
	for _, domain := range []string{".localhost", ".local", ".internal", ".lan", ".home.arpa"} {
		if strings.HasSuffix(host, domain) {
			return true
		}
	}
	return false
}
