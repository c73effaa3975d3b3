package battlefile

// clusters numbers prompts by their 64-bit hashes, in order of appearance. Two of a million prompts share a hash once in forty
// million files, and then no more than one cluster is a little larger.
type clusters struct {
	lone   int      // battles without a prompt before the first with one: a file without prompts needs no memory
	hashes []uint64 // by number above lone
	slots  []int32  // 1 + place in hashes; open addressing, a power of two
	used   int      // different prompts
	about  int      // battles there may be; 0: no telling
}

// of is the cluster of a battle: that of its prompt, or one of its own.
func (c *clusters) of(hash uint64, own bool) int32 {
	if own && c.used == 0 {
		c.lone++
		return int32(c.lone - 1)
	}
	if own {
		c.hashes = append(c.hashes, 0)
		return int32(c.lone + len(c.hashes) - 1)
	}
	if 3*len(c.slots) <= 4*c.used {
		c.grow()
	}
	at := c.find(hash)
	if c.slots[at] == 0 {
		c.hashes = append(c.hashes, hash)
		c.slots[at] = int32(len(c.hashes))
		c.used++
	}
	return int32(c.lone) + c.slots[at] - 1
}

// find is the slot of a hash, or where it belongs.
func (c *clusters) find(hash uint64) int {
	for at := int(hash) & (len(c.slots) - 1); ; at = (at + 1) & (len(c.slots) - 1) {
		if n := c.slots[at]; n == 0 || c.hashes[n-1] == hash {
			return at
		}
	}
}

func (c *clusters) grow() {
	if c.used == 0 {
		c.hashes = make([]uint64, 0, c.about) // memory that is not written to is not taken
	}
	old := c.slots
	c.slots = make([]int32, max(1024, 2*len(old)))
	for _, n := range old {
		if n != 0 {
			c.slots[c.find(c.hashes[n-1])] = n
		}
	}
}
