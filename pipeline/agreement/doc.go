// Package agreement says how far people and judges agree: Cohen's kappa, Krippendorff's alpha, Wilson's interval for a
// rate, the mean of differences, Brier score and log loss of a probability, and percentiles of a stream.
//
// Everything is counted as it comes, in memory that does not grow with the number of items, and knows nothing of models.
// Whatever cannot be told, such as a rate of nothing, comes with false beside it, and is never a number that looks like one.
package agreement
