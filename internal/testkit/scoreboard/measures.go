package scoreboard

// measures: figures that hold over all faults.
var measures = []Row{}
