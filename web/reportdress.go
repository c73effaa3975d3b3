package web

import (
	"crypto/sha256"
	"encoding/base64"
	"html/template"
	"strings"
)

// dress puts style and scripts into a document, and into its policy what they hash to: a browser runs and loads nothing else.
func (d *document) dress() error {
	style, hash, err := inline("style", "style.css")
	if err != nil {
		return err
	}
	d.Head = style
	var hashes []string
	for _, name := range reportScripts {
		script, hash, err := inline("script", name)
		if err != nil {
			return err
		}
		if name == "theme.js" { // before anything is drawn
			d.Head += "\n" + script
		} else {
			d.Scripts += script + "\n"
		}
		hashes = append(hashes, hash)
	}
	d.Policy = "default-src 'none'; script-src " + strings.Join(hashes, " ") + "; style-src " + hash + "; base-uri 'none'; form-action 'none'"
	return nil
}

// inline is a file of static as an element, and the hash of it as a policy has it.
func inline(element, name string) (template.HTML, string, error) {
	text, err := staticFiles.ReadFile("static/" + name)
	sum := sha256.Sum256(text)
	return template.HTML("<" + element + ">" + string(text) + "</" + element + ">"), "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'", err
}
