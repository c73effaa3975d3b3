package terminal

// display is one way to show progress. Its methods are not called concurrently.
type display interface {
	show(s Snapshot)
	finish(s Snapshot) // the last state
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
	b.paint("", false)
}

func (b *bars) finish(s Snapshot) {
	b.latest = s
	b.paint("", true)
	b.screen.release()
}

func (b *bars) log(text string) {
	if b.screen.widths == nil {
		b.screen.write(text)
		return
	}
	b.paint(text, false)
}

func (b *bars) paint(above string, last bool) {
	width, height := b.size()
	b.screen.draw(above, frame(b.latest, width, height, last, b.palette), width)
}
