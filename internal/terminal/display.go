package terminal

// display is one way to show progress. Its methods are not called concurrently.
type display interface {
	show(s Snapshot)
	finish(s Snapshot) // the last state: the result comes next, so there is no ranking in it
	log(text string)   // text is sanitised and ends in a newline
}

// bars redraws in place.
type bars struct {
	screen  screen
	size    func() (width, height int)
	palette Palette
	latest  Snapshot
}

func (b *bars) show(s Snapshot) {
	b.latest = s
	b.paint("")
}

func (b *bars) finish(s Snapshot) {
	b.latest = s.settled()
	b.paint("")
	b.screen.release()
}

func (b *bars) log(text string) {
	if b.screen.widths == nil {
		b.screen.write(text)
		return
	}
	b.paint(text)
}

func (b *bars) paint(above string) {
	width, height := b.size()
	b.screen.draw(above, frame(b.latest, width, height, b.palette), width)
}
