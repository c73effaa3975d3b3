//go:build !race

package main

// largest is how many bytes the longest text of TestBytes has, about.
const largest = 10 << 20
