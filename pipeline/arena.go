package pipeline

import (
	"errors"
	"fmt"

	"openarena/configs"
	"openarena/internal/spelling"
	"openarena/pipeline/dataset"
	"openarena/pipeline/rating"
	"openarena/store"
)

// Arena is a configuration seen as work.
type Arena struct {
	Config      *configs.Config // with the prices of lists beside models that the file gives none
	Contestants []Contestant    // in file order
	Judges      []Judge         // in file order, each under its own rubric
	Trial       Trial
	Rating      rating.Settings // of leaderboards: the file's, unless a command says otherwise
	From        dataset.From    // where datasets are looked for: the folder of the file, and no Hub unless a command gives one
	Database    store.Database  // where its records are: the file that the configuration names, unless a command gives another
	Refresh     bool            // sets on the Hub are read as their revision is now, in place of the commit that is known

	file      *configs.Config // as it is written: without the prices of lists
	tariff    tariff
	byID      map[ID]*Contestant
	judging   [][]*Judge // by dataset: the judges in file order, as they judge its prompts
	judgeByID map[ID]*Judge
}

// Trial narrows an arena to a part of itself. Its zero value is the whole.
type Trial struct {
	Limit    int             // rows of each dataset; 0: all
	Models   map[string]bool // names of contestants; nil: all
	Datasets map[string]bool // labels; nil: all
	Shard    Shard           // of the prompts
}

// Narrows reports whether it leaves anything out.
func (t Trial) Narrows() bool {
	return t.Limit > 0 || t.Models != nil || t.Datasets != nil || !t.Shard.Whole()
}

// New returns the arena that a configuration describes.
func New(c *configs.Config, t Trial) (*Arena, error) {
	tariff, err := readTariff(c)
	if err != nil {
		return nil, err
	}
	part, err := t.Shard.share(c)
	if err != nil {
		return nil, err
	}
	a := &Arena{Config: tariff.priced(part), file: c, tariff: tariff, Trial: t, From: dataset.From{Dir: c.Dir}, Rating: settings(c.Rating),
		Database: store.File(c.StorePath()), byID: map[ID]*Contestant{}}
	for i, m := range a.Config.Models {
		contestant, err := newContestant(m, i)
		if err != nil {
			return nil, err
		}
		a.Contestants = append(a.Contestants, contestant)
	}
	for i := range a.Contestants {
		c := &a.Contestants[i]
		if same := a.byID[c.ID]; same != nil {
			return nil, fmt.Errorf("models %q and %q are the same contestant; set revision on one of them to tell them apart", same.Name, c.Name)
		}
		a.byID[c.ID] = c
	}
	if err := a.addJudges(); err != nil {
		return nil, err
	}
	var wrong []error
	for _, d := range c.Datasets {
		wrong = append(wrong, dataset.Check(d))
	}
	for _, x := range c.Prompts.Exclude {
		if err := dataset.Check(x.Dataset()); err != nil {
			wrong = append(wrong, fmt.Errorf("prompts.exclude: %w", err))
		}
	}
	return a, errors.Join(append(wrong, a.checkTrial(), a.checkShard())...)
}

func (a *Arena) checkTrial() error {
	var names, labels []string
	for _, m := range a.Config.Models {
		names = append(names, m.Name)
	}
	for _, d := range a.Config.Datasets {
		labels = append(labels, d.Label())
	}
	if err := known(a.Trial.Models, names, "--model", "model"); err != nil {
		return err
	}
	return known(a.Trial.Datasets, labels, "--dataset", "dataset")
}

func known(chosen map[string]bool, all []string, flag, noun string) error {
	for name := range chosen {
		found := false
		for _, n := range all {
			found = found || n == name
		}
		if !found {
			return fmt.Errorf("%s: no %s is called %q; the file has %q%s", flag, noun, name, all, spelling.Hint(name, all))
		}
	}
	return nil
}

// contestant returns the one with that identity, nil if the present file has none.
func (a *Arena) contestant(id ID) *Contestant { return a.byID[id] }

// chosen reports whether a trial leaves work on this contestant.
func (a *Arena) chosen(c *Contestant) bool { return a.Trial.Models == nil || a.Trial.Models[c.Name] }

// reads reports whether a trial reads this dataset.
func (a *Arena) reads(d configs.Dataset) bool {
	return a.Trial.Datasets == nil || a.Trial.Datasets[d.Label()]
}
