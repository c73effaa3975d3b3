// Package fleet has many machines work on one arena whose database is in PostgreSQL. It keeps small tables beside the
// records: the published configuration, who is at work, how far each part is, and what was ordered. River, in the same
// schema, hands the parts out.
//
// What the work is, the pipeline knows; what is done, the records say. A part that two workers hold is a waste and no
// harm: the first record of a key is the one that counts.
package fleet
