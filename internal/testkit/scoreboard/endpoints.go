package scoreboard

// endpoints: faults of model servers and of what they send.
var endpoints = []Row{}
