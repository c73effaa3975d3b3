package configs

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// contestantKey is equal for two models that would give the same answers: it holds model_id, revision, system and
// params, in which 1 and 1.0 are the same. Endpoint, name and limits are not part of it.
func contestantKey(m Model) string {
	var key strings.Builder
	fmt.Fprintf(&key, "%q %q %q %t ", m.ModelID, m.Revision, m.System, m.Answers != nil)
	canonical(&key, m.Params)
	return key.String()
}

// judgeKey is equal for two judges that would be asked the same.
func judgeKey(j Judge) string {
	return fmt.Sprintf("%s %q %q %q %q", contestantKey(j.Model), j.Protocol, j.Analysis, j.Rubric, j.Template)
}

// canonical writes a value so that equal values have equal texts.
func canonical(to *strings.Builder, v any) {
	switch v := v.(type) {
	case map[string]any:
		to.WriteByte('{')
		for _, name := range sortedKeys(v) {
			fmt.Fprintf(to, "%q:", name)
			canonical(to, v[name])
			to.WriteByte(',')
		}
		to.WriteByte('}')
	case []any:
		to.WriteByte('[')
		for _, item := range v {
			canonical(to, item)
			to.WriteByte(',')
		}
		to.WriteByte(']')
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1<<63 {
			to.WriteString(strconv.FormatInt(int64(v), 10))
			return
		}
		to.WriteString(strconv.FormatFloat(v, 'g', -1, 64))
	default:
		fmt.Fprintf(to, "%#v", v)
	}
}
