// Package columns keeps every battle of an arena in memory, with what each judge said of it, so that lists of battles are
// filtered, counted, sorted and paged without a look at the database. It holds numbers only: texts stay where they are.
//
// A [Builder] is fed in the order of keys, prompt by prompt; a [Table] never changes, and may be read by many at once.
package columns
