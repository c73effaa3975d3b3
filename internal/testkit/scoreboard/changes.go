package scoreboard

// changes: what a changed configuration repeats and what it keeps.
var changes = []Row{}
