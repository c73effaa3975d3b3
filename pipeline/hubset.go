package pipeline

import (
	"context"
	"encoding/json"

	"openarena/pipeline/dataset"
	"openarena/store"
)

// from is where dataset i is looked for. A set on the Hub is read at the commit that the database knows: that of its own
// listing, or else of another part of the same set, so that more rows of it are not those of another day.
func (a *Arena) from(ctx context.Context, r store.Reader, i int) (dataset.From, error) {
	from := a.From
	of := dataset.PinOf(a.Config.Datasets[i])
	if of == "" || a.Refresh {
		return from, nil
	}
	spec, err := a.specID(i)
	if err != nil {
		return from, err
	}
	manifests := store.Prefix([]byte{kindManifest})
	for rec, err := range r.Scan(ctx, store.Datasets, manifests, store.WithBody) {
		if err != nil {
			return from, err
		}
		var m manifest
		if json.Unmarshal(rec.Body, &m) != nil || m.Hub == nil || m.Hub.Of != of {
			continue // what is broken is told where it counts
		}
		if from.Pin.Commit == "" {
			from.Pin = dataset.Pin{Of: of, Commit: m.Hub.Commit}
		}
		if string(rec.Key[1:]) == string(spec[:]) {
			from.Pin = *m.Hub
			break
		}
	}
	return from, nil
}

// commit is that of a set on the Hub, "" of local files.
func (m manifest) commit() string {
	if m.Hub == nil {
		return ""
	}
	return m.Hub.Commit
}
