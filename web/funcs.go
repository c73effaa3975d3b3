package web

import (
	"fmt"
	"html/template"
	"math"
	"reflect"
	"strings"

	"openarena/internal/terminal"
)

// number is a number with that many digits behind the point, or a dash where there is none. It takes a float64 or a pointer to one.
func number(x any, digits int) string {
	f, ok := float(x)
	if !ok {
		return "–"
	}
	return terminal.Number(&f, digits)
}

// percent is a share from 0 to 1 with that many digits behind the point, or a dash.
func percent(x any, digits int) string {
	f, ok := float(x)
	if !ok {
		return "–"
	}
	return fmt.Sprintf("%.*f %%", digits, 100*f)
}

// signed is number with a sign in front of it, as differences have it; what is rounded to zero has none.
func signed(x any, digits int) string {
	f, ok := float(x)
	if !ok {
		return "–"
	}
	text := fmt.Sprintf("%.*f", digits, math.Abs(f))
	switch {
	case !strings.ContainsAny(text, "123456789"):
		return text
	case f < 0:
		return "−" + text
	}
	return "+" + text
}

func float(x any) (float64, bool) {
	switch x := x.(type) {
	case float64:
		return x, x == x
	case *float64:
		if x != nil {
			return *x, *x == *x
		}
	}
	return 0, false
}

// counted is a whole number of any type with its thousands apart.
func counted(n any) (string, error) {
	v := reflect.ValueOf(n)
	switch {
	case v.CanInt():
		return terminal.Count(v.Int()), nil
	case v.CanUint():
		return terminal.Count(int64(v.Uint())), nil
	}
	return "", fmt.Errorf("count of a %T", n)
}

// dict hands several values, in pairs of name and value, to a template of a part.
func dict(pairs ...any) (map[string]any, error) {
	d := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("dict: %v is no name", pairs[i])
		}
		d[name] = pairs[i+1]
	}
	return d, nil
}

// prose is a sentence of ours, in which what stands between backquotes is what one types.
func prose(text string) template.HTML {
	parts := strings.Split(text, "`")
	if len(parts)%2 == 0 { // one has no partner
		return template.HTML(template.HTMLEscapeString(text))
	}
	for i, part := range parts {
		parts[i] = template.HTMLEscapeString(part)
		if i%2 == 1 {
			parts[i] = "<code>" + parts[i] + "</code>"
		}
	}
	return template.HTML(strings.Join(parts, ""))
}

// picture puts an SVG into a page as it is. It must come from internal/plot, which escapes what it is handed.
func picture(svg string) template.HTML { return template.HTML(svg) }
