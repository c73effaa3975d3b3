package scoreboard

// configuration: mistakes in arena.yaml.
var configuration = []Row{}
