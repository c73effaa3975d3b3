package fakellm

import (
	"encoding/json"
	"net/http"
	"strconv"
)

// control registers what scripts and other processes may ask:
//
//	GET  /_/stats          what was counted, as [Stats]; ?calls=1 adds every request
//	GET  /_/wait?served=N  answers, with the stats, once N whole answers were sent
//	POST /_/reset          starts counting anew
//	POST /_/faults         a [Faults] object for the calls from now on
//	POST /_/latency        a [Latency] object for the calls from now on
func (s *Server) control() {
	s.mux.HandleFunc("GET /_/stats", func(w http.ResponseWriter, r *http.Request) {
		writeJSON(w, s.Stats(r.URL.Query().Has("calls")))
	})
	s.mux.HandleFunc("GET /_/wait", func(w http.ResponseWriter, r *http.Request) {
		n, err := strconv.ParseInt(r.URL.Query().Get("served"), 10, 64)
		if err != nil {
			http.Error(w, "wait needs ?served=N, a whole number of replies", http.StatusBadRequest)
			return
		}
		if s.WaitReplies(r.Context(), n) == nil {
			writeJSON(w, s.Stats(false))
		}
	})
	s.mux.HandleFunc("POST /_/reset", func(w http.ResponseWriter, _ *http.Request) {
		s.Reset()
		w.WriteHeader(http.StatusNoContent)
	})
	s.mux.HandleFunc("POST /_/faults", steer(s.SetFaults))
	s.mux.HandleFunc("POST /_/latency", steer(s.SetLatency))
}

// steer decodes a setting and hands it on. Unknown keys are refused: a misspelt fault would test nothing.
func steer[T any](set func(T)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var value T
		d := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16))
		d.DisallowUnknownFields()
		if err := d.Decode(&value); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		set(value)
		w.WriteHeader(http.StatusNoContent)
	}
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // the client may be gone; there is nobody else to tell
}

// models is GET /v1/models.
func (s *Server) models(w http.ResponseWriter, _ *http.Request) {
	type model struct {
		ID     string `json:"id"`
		Object string `json:"object"`
	}
	list := make([]model, len(s.options.Models))
	for i, name := range s.options.Models {
		list[i] = model{name, "model"}
	}
	writeJSON(w, map[string]any{"object": "list", "data": list})
}
