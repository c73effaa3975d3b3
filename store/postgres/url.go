package postgres

import (
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"openarena/internal/secret"
)

// Parameters of the URL that are ours and do not reach the server.
const (
	paramSchema    = "search_path"
	paramPlaintext = "openarena_plaintext" // =allow
	paramNoFsync   = "openarena_fsync_off" // =allow
)

const (
	defaultSchema  = "public"
	defaultConns   = 4
	connectTimeout = 10 * time.Second
)

// target is what a store's URL says.
type target struct {
	pool    *pgxpool.Config
	schema  string
	noFsync bool // a server that does not sync is accepted
}

// isURL reports whether text names a server.
func isURL(text string) bool {
	return strings.HasPrefix(text, "postgres://") || strings.HasPrefix(text, "postgresql://")
}

// parse reads a URL. What is wrong with it is never told in the words of a parser: these repeat parts of it, and a password
// that is not written as URLs want it may be anywhere in there.
func parse(address secret.String, application string) (target, error) {
	text := address.Reveal()
	u, err := url.Parse(text)
	if !isURL(text) || err != nil {
		return target{}, &ConfigError{What: "the store's URL cannot be read", Advice: adviceURL}
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return target{}, &ConfigError{What: "the parameters of the store's URL cannot be read", Advice: adviceURL}
	}
	cfg, err := pgxpool.ParseConfig(text)
	if err != nil {
		return target{}, &ConfigError{What: whyUnparsed(query), Advice: adviceURL}
	}
	t := target{pool: cfg}
	where := place(cfg)
	params := cfg.ConnConfig.RuntimeParams
	if t.schema, err = schemaName(where, params[paramSchema]); err != nil {
		return target{}, err
	}
	plaintext := params[paramPlaintext] == "allow"
	t.noFsync = params[paramNoFsync] == "allow"
	for name := range params {
		if strings.HasPrefix(name, "openarena_") && (name != paramPlaintext && name != paramNoFsync || params[name] != "allow") {
			return target{}, &ConfigError{Where: where, What: "the store's URL has a parameter " + name + " that nobody knows with that value",
				Advice: "there are " + paramPlaintext + "=allow and " + paramNoFsync + "=allow"}
		}
	}
	for _, name := range []string{paramSchema, paramPlaintext, paramNoFsync} {
		delete(params, name)
	}
	if host := plainHost(cfg.ConnConfig.Config); host != "" && !plaintext {
		return target{}, &ConfigError{Where: where, What: "the connection to " + host + " would not be encrypted, and would show the password and every text",
			Advice: "add sslmode=verify-full (or require) to the store's URL, or " + paramPlaintext + "=allow if all of the way there is yours"}
	}
	if params["application_name"] == "" && application != "" {
		params["application_name"] = application
	}
	if !query.Has("pool_max_conns") {
		cfg.MaxConns = defaultConns
	}
	if cfg.ConnConfig.ConnectTimeout == 0 {
		cfg.ConnConfig.ConnectTimeout = connectTimeout
	}
	return t, nil
}

// usable are names of schemas that everybody takes: River puts its own behind them, which have to fit, and quotes none.
var usable = regexp.MustCompile(`^[a-z_][a-z0-9_]{0,39}$`)

// schemaName is the first name of a search_path.
func schemaName(where, path string) (string, error) {
	name, _, _ := strings.Cut(path, ",")
	name = strings.Trim(strings.TrimSpace(name), `"`)
	switch {
	case name == "":
		return defaultSchema, nil
	case !usable.MatchString(name) || strings.HasPrefix(name, "pg_"):
		return "", &ConfigError{Where: where, What: "search_path in the store's URL names no schema that can be used",
			Advice: "give the arena one name of small letters, digits and _, at most 40, which does not begin with a digit or pg_"}
	}
	return name, nil
}

// whyUnparsed looks for the parameter that the parser did not like.
func whyUnparsed(query url.Values) string {
	modes := []string{"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}
	if mode := query.Get("sslmode"); mode != "" && !slices.Contains(modes, mode) {
		return "the store's URL has an sslmode that is none of " + strings.Join(modes, ", ")
	}
	if conns := query.Get("pool_max_conns"); conns != "" && (strings.Trim(conns, "0123456789") != "" || strings.Trim(conns, "0") == "") {
		return "pool_max_conns in the store's URL is no number above 0"
	}
	for _, name := range []string{"sslrootcert", "sslcert", "sslkey", "service"} {
		if query.Has(name) {
			return "the store's URL cannot be used: is what " + name + " names there, and what is said of it right"
		}
	}
	return "the store's URL cannot be used"
}

// plainHost is a host that would be spoken to in plain text and is not this machine.
func plainHost(c pgconn.Config) string {
	far := func(host string) bool {
		if host == "localhost" || strings.HasPrefix(host, "/") || strings.HasPrefix(host, "@") {
			return false
		}
		ip := net.ParseIP(host)
		return ip == nil || !ip.IsLoopback()
	}
	if c.TLSConfig == nil && far(c.Host) {
		return c.Host
	}
	for _, f := range c.Fallbacks {
		if f.TLSConfig == nil && far(f.Host) {
			return f.Host
		}
	}
	return ""
}

// place is what people are told instead of the URL.
func place(cfg *pgxpool.Config) string {
	c := cfg.ConnConfig
	name := c.Database
	if name == "" {
		name = c.User
	}
	return "database " + name + " at " + c.Host
}
