package rating

// clusters is a set of small numbers.
type clusters struct {
	seen  []uint64
	count int
}

func (c *clusters) add(n int32) {
	at, bit := int(n)/64, uint64(1)<<(n%64)
	for at >= len(c.seen) {
		c.seen = append(c.seen, 0)
	}
	if c.seen[at]&bit == 0 {
		c.seen[at] |= bit
		c.count++
	}
}
