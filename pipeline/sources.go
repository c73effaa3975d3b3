package pipeline

import "context"

// Source is a dataset as the database holds it.
type Source struct {
	Label         string
	Config, Split string // of the Hub; "" where the file says none
	Commit        string // of the Hub, that its rows are from; "": a local one
	Prompts       int
}

// Sources are the datasets of the file, in its order.
func (v *View) Sources(ctx context.Context) (all []Source, err error) {
	for i, d := range v.arena.Config.Datasets {
		m, err := v.arena.readManifest(ctx, v.reader, i)
		if err != nil {
			return nil, err
		}
		all = append(all, Source{Label: d.PublicLabel(), Config: d.Config, Split: d.Split, Commit: m.commit(), Prompts: m.Prompts})
	}
	return all, nil
}
