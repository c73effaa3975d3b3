package providers

import "time"

// Block is a part of an endpoint's minute: who has it sends so much before it is over, while others share the limits.
type Block struct {
	Slot     int64         // names it, where some of it is given back
	Requests int64         // 0: nothing was free
	Tokens   int64         // prompts and longest answers together; means nothing without a limit of tokens
	Until    time.Time     // it may be used before; from Use, and when the block was asked for
	Use      time.Duration // for so long, from when it was granted
	Again    time.Duration // without Requests: how long it takes until some may be free
}

// Want is what a gate asks for, and what it does not need any more.
type Want struct {
	Requests int64 // at most; 0: none, it only gives back
	Tokens   int64 // at most
	Least    int64 // tokens without which nothing is of use: those of the call that waits longest
	Back     []Back
}

// Back is what of a block was not used, or was reckoned too high; below 0: too low.
type Back struct{ Slot, Requests, Tokens int64 }

// purse holds what a gate may send of limits that are shared: one block at a time. Not safe for concurrent use.
type purse struct {
	shared bool
	block  Block
	used   int64 // requests of the block
	size   int64 // of the block before, in requests
	back   map[int64]Back
	needy  chan struct{} // a token while a call waits for a block
	until  time.Time     // nothing is free before, as was told last
}

// holds reports whether the block has room for a call of so many tokens.
func (p *purse) holds(tokens int64, r *ration, now time.Time) bool {
	return p.block.Requests > 0 && now.Before(p.block.Until) && (r.tpm == 0 || tokens <= p.block.Tokens)
}

// spend takes a call out of the block.
func (p *purse) spend(tokens int64) Ticket {
	p.block.Requests--
	p.block.Tokens -= tokens
	p.used++
	return Ticket{slot: p.block.Slot, charged: tokens}
}

// settle gives back what a call did not take; none: it was not made.
func (p *purse) settle(t Ticket, tokens int64, none bool) {
	b := Back{Slot: t.slot, Tokens: t.charged - tokens}
	if none {
		b.Requests = 1
	}
	p.give(b)
}

func (p *purse) give(b Back) {
	if b.Requests == 0 && b.Tokens == 0 {
		return
	}
	if p.back == nil {
		p.back = map[int64]Back{}
	}
	had := p.back[b.Slot]
	p.back[b.Slot] = Back{b.Slot, had.Requests + b.Requests, had.Tokens + b.Tokens}
}

// returned empties the block, and is all that is to be given back.
func (p *purse) returned() (all []Back) {
	p.give(Back{p.block.Slot, p.block.Requests, p.block.Tokens})
	p.block = Block{}
	for _, b := range p.back {
		all = append(all, b)
	}
	clear(p.back)
	return all
}

// blocksInMinute is the least number of blocks that a minute's requests are handed out in: nobody gets all of it.
const blocksInMinute = 8

// want is what to ask for so that a call of so many tokens can be sent. A block that was used up is followed by one twice as
// large, one that was not by one as large as what was used of it: about what is sent in the time that a block lasts.
func (p *purse) want(tokens int64, r *ration) Want {
	switch {
	case p.block.Requests == 0 || r.tpm > 0 && p.block.Tokens < tokens:
		p.size *= 2
	default:
		p.size = p.used
	}
	p.used = 0
	if r.rpm > 0 {
		p.size = min(p.size, r.rpm/blocksInMinute)
	}
	if r.tpm > 0 && tokens > 0 {
		p.size = min(p.size, r.tpm/blocksInMinute/tokens)
	}
	p.size = max(p.size, 1)
	return Want{Requests: p.size, Tokens: p.size * tokens, Least: tokens, Back: p.returned()}
}

// Share has the gate send only what it is lent, wherever a limit a minute is stated: others call the same server. Call it before
// the gate is used.
func (g *Gate) Share() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.purse.shared, g.purse.needy = true, make(chan struct{}, 1)
}

// Needy has a token whenever a call waits for a block. It is for the one who lends.
func (g *Gate) Needy() <-chan struct{} { return g.purse.needy }

// Want is what the gate needs now, and what it gives back; without anything of either there is nothing to ask. What is asked for
// is to be lent by [Gate.Lend], even if it is nothing.
func (g *Gate) Want() Want {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	if g.sending.Len() > 0 && g.open(now) && g.sharing() {
		tokens := g.sending.Front().Value.(*waiter).tokens
		if !g.purse.holds(tokens, &g.ration, now) {
			return g.purse.want(tokens, &g.ration)
		}
	}
	if now.Before(g.purse.block.Until) { // still of use
		return Want{}
	}
	g.purse.size, g.purse.used = g.purse.used, 0
	return Want{Back: g.purse.returned()}
}

// Lend lets the gate send a block.
func (g *Gate) Lend(b Block) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.purse.until = (time.Time{}); b.Requests == 0 {
		g.purse.until = time.Now().Add(b.Again)
		return
	}
	g.purse.block = b
	g.admit()
}

// sharing reports whether calls need a block.
func (g *Gate) sharing() bool { return g.purse.shared && g.ration.limited() }

// affords reports whether a call of so many tokens may be sent now. If not, it sees to it that somebody looks again.
func (g *Gate) affords(tokens int64, now time.Time) bool {
	if g.sharing() {
		if g.purse.holds(tokens, &g.ration, now) {
			return true
		}
		select {
		case g.purse.needy <- struct{}{}:
		default:
		}
		return false
	}
	wait := g.ration.wait(tokens, now)
	if wait > 0 {
		g.alarm(now.Add(wait))
	}
	return wait == 0
}
