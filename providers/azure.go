package providers

import (
	"net/url"
	"strings"
)

// azure is OpenAI's protocol at Azure's addresses. The newer one, …/openai/v1/chat/completions, names the deployment as the
// model; the older one, …/openai/deployments/NAME/chat/completions?api-version=…, has it in its path. An older address that
// ends before NAME gets the model's.
// Sources: https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle, …/openai/reference
type azure struct {
	openAI
}

var azureKind = kind{
	auth: "api-key",
	hint: "model_id is the name of your deployment",
	speak: func(_ Endpoint, u *url.URL) (protocol, error) {
		return &azure{openAI{url: u}}, nil
	},
}

func (p *azure) build(r *Request, stream bool) (posted, error) {
	post, err := p.openAI.build(r, stream)
	if base, ok := strings.CutSuffix(strings.TrimRight(p.url.Path, "/"), "/deployments"); ok {
		u := *p.url
		u.Path, u.RawPath = base+"/deployments/"+r.Model+"/chat/completions", ""
		post.url = &u
	}
	return post, err
}

// listing is nil: Azure lists the models that could be deployed, not the deployments, which are what model_id names.
func (p *azure) listing() *url.URL { return nil }
