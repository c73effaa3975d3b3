//go:build race

package main

// largest is less under the race detector, which takes ten times as long to read it.
const largest = 1 << 20
