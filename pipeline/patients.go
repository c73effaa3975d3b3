package pipeline

import (
	"reflect"

	"openarena/configs"
	"openarena/pipeline/doctor"
)

// Patients are the endpoints that a run would call, with their models, in the order of the file: for [doctor.Examine]. Endpoints
// that differ in name and limits only are one.
func (a *Arena) Patients() []doctor.Endpoint {
	var all []doctor.Endpoint
	var settings []configs.Endpoint
	add := func(at configs.Endpoint, m doctor.Model) {
		alike := at
		alike.Name, alike.Concurrency, alike.RPM, alike.TPM = "", 0, 0, 0
		for i := range settings {
			if reflect.DeepEqual(settings[i], alike) {
				all[i].Models = append(all[i].Models, m)
				return
			}
		}
		settings = append(settings, alike)
		all = append(all, doctor.Endpoint{Endpoint: address(at), Models: []doctor.Model{m}, Pull: at.Pull})
	}
	for _, c := range a.Contestants {
		if c.Answers == nil {
			add(c.Endpoint, doctor.Model{Name: c.Name, ID: c.ModelID, System: c.System, Params: c.Params})
		}
	}
	for _, j := range a.Judges {
		add(j.Endpoint, doctor.Model{Name: j.Name, ID: j.ModelID, System: j.System, Params: j.Params, Judge: true, Rung: j.Structured})
	}
	return all
}
