package configs

import (
	"fmt"
	"maps"
	"net/url"
	"slices"

	"openarena/internal/spelling"
)

// Redirect has the endpoint of that name called elsewhere, as a machine with a model server of its own does. Identities know
// nothing of addresses.
func (c *Config) Redirect(name, address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return fmt.Errorf("endpoint %s: an address such as http://127.0.0.1:8000/v1 is expected", name)
	}
	found := false
	for _, e := range c.named() {
		if e.Name != name {
			continue
		}
		to := *u
		if complete, ok := completions[e.Kind]; ok {
			if err := complete(&to); err != nil {
				return fmt.Errorf("endpoint %s: %w", name, err)
			}
		}
		for _, fault := range addressFaults(&to, !e.APIKey.Empty()) {
			return fmt.Errorf("endpoint %s: %s", name, fault)
		}
		e.URL, found = to.String(), true
	}
	if e, ok := c.Endpoints[name]; ok { // that no model calls
		e.URL, found = u.String(), true
		c.Endpoints[name] = e
	}
	if !found {
		names := append(slices.Sorted(maps.Keys(c.Endpoints)), c.DefaultEndpoint.Name)
		return fmt.Errorf("the file has no endpoint named %q%s; it has %q", name, spelling.Hint(name, names), names)
	}
	return nil
}

// named are the endpoints that models and judges call, each of its own, and the default one.
func (c *Config) named() (all []*Endpoint) {
	all = append(all, &c.DefaultEndpoint)
	for i := range c.Models {
		all = append(all, &c.Models[i].Endpoint)
	}
	for i := range c.Judges {
		all = append(all, &c.Judges[i].Endpoint)
	}
	return all
}

// Limit has at most n calls at once in flight at each endpoint.
func (c *Config) Limit(n int) {
	for _, e := range c.named() {
		e.Concurrency = n
	}
}
