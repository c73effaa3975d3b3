// Package standings says what a leaderboard says, in words and as a picture: commands and pages show the same.
package standings
