package tty

import "strings"

// Payloads hold what has been, or could be, put into an answer, a model's name or a server's error to reach the terminal of
// who reads it. A terminal must be sent none of them as they are.
func Payloads() []string {
	return []string{
		"\x1b[31mred", "\x1b[2J\x1b[H", "\x1b[1A\x1b[2K", "\x1b[?25l", "\x1b[?1049h", "\x1bc", "\x1b7\x1b8", "\x1b[6n", "\x1b[c", "\x1b[>q",
		"\x1b]0;title\a", "\x1b]2;title\x1b\\", "\x1b]52;c;cm0gLXJmIC8=\a", "\x1b]8;;http://evil\x1b\\click\x1b]8;;\x1b\\",
		"\x1b]1337;File=inline=1:AAAA\a", "\x1b]9;note\a", "\x1b]777;notify;a;b\a", "\x1b]4;1;?\a", "\x1b]10;?\x1b\\", "\x1b]50;font\a",
		"\x1bP$q\"p\x1b\\", "\x1bPq#0;2;0;0;0\x1b\\", "\x1b_Gf=100;AAAA\x1b\\", "\x1b^pm\x1b\\", "\x1bXsos\x1b\\", "\x1b[20~", "\x1b[5i", "\x1b[?1000h", "\x1b[?2004l", "\x1b[21t",
		"\x1b(0lqk", "\x1b#8", "\x1b%G", "\x1bN", "\x1b", "a\x1b", "\u009b2J", "\u009d0;t\u009c", "\u0090q\u009c", "\u0085next",
		"\x9b2J", "\x9d0;t\x9c", "ok\rEVIL", "\b\b\b\b", "\x0e\x0f", "\x05", "\x11\x13", "\v\f", "\x7f\x7f", "\x00",
		"\u202eevil", "\u2066\u2067\u2068\u2069", "\u200e\u200f\u061c", "\u202a\u202b\u202c\u202d", "\U000e0001\U000e0041\U000e007f", "\ufeff\u200b\u2060",
		"\u2028\u2029", "a\u0300" + strings.Repeat("\u0489", 200), "\xc0\x9b\xe0\x80\x9b", "\xf5\xff\xfe", "\x1b\n[31m", "\x1b\x1b[[A", "\x18\x1a",
	}
}
