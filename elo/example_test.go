package elo_test

import (
	"fmt"

	"openarena/elo"
)

func ExampleBradleyTerry() {
	names := []string{"small", "large", "new"}
	battles := []elo.Battle{
		{A: 0, B: 1, Cluster: 1, Score: 0, Weight: 1},
		{A: 0, B: 1, Cluster: 2, Score: 0.5, Weight: 1},
		{A: 0, B: 1, Cluster: 3, Score: 1, Weight: 1},
		{A: 0, B: 1, Cluster: 4, Score: 0, Weight: 1},
		{A: 2, B: 1, Cluster: 4, Score: 1, Weight: 1},
	}
	fit, err := elo.BradleyTerry(len(names), battles, elo.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, i := range fit.Order() {
		c := fit.Contestants[i]
		fmt.Printf("%d %-5s %4.0f (%.0f to %.0f)\n", c.Rank, names[i], c.Rating, c.Lower, c.Upper)
	}
	fmt.Println("new:", fit.Why(2, func(i int) string { return names[i] }))
	// Output:
	// 1 new   1164 (755 to 1574)
	// 1 large  948 (707 to 1189)
	// 1 small  887 (608 to 1167)
	// new: it won its only battle; no finite rating fits, a virtual tie each stands in
}
