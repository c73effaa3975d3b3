package scoreboard

// process: faults of the process, the machine and the disk.
var process = []Row{}
