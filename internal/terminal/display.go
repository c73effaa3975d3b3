package terminal

// display is one way to show progress. Its methods are not called concurrently.
type display interface {
	show(s Snapshot)
	finish(s Snapshot) // the last state: the result comes next, so there is no ranking in it
}

// bars redraws in place.
type bars struct {
	screen  screen
	size    func() (width, height int)
	palette Palette
}

func (b *bars) show(s Snapshot) {
	width, height := b.size()
	b.screen.draw(frame(s, width, height, b.palette), width)
}

func (b *bars) finish(s Snapshot) {
	b.show(s.settled())
	width, _ := b.size()
	b.screen.release(width)
}
