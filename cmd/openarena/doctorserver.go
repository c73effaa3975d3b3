package main

import (
	"context"

	"openarena/pipeline/doctor"
	"openarena/store"
)

func serverFindings(ctx context.Context, at store.Database) []doctor.Finding {
	return []doctor.Finding{{Check: "database", State: doctor.OK, Says: at.String()}}
}
