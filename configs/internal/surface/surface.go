// Package surface is the arena.yaml as a person writes it: its keys, their types, limits and defaults.
//
// The structs here are the one place where a setting is declared. [Read] fills them from a file, and the JSON Schema for
// editors is made from them, so that neither knows a key the other does not. Of the tags, `yaml` is the key,
// `jsonschema` holds required, default, enum and the limits (a default applies where the key is left out), and
// `jsonschema_description` is what an editor shows.
package surface

import "openarena/configs/internal/tree"

// File is a whole arena.yaml.
type File struct {
	At              tree.Mark           `yaml:"-"`
	DefaultEndpoint Endpoint            `yaml:"default_endpoint" jsonschema_description:"Where models are called that name no endpoint; left out: Ollama on localhost."`
	Endpoints       map[string]Endpoint `yaml:"endpoints" jsonschema_description:"Named endpoints, for models and judges to refer to."`
	Models          []Model             `yaml:"models" jsonschema:"required,minItems=1" jsonschema_description:"The contestants."`
	JudgeModel      *Judge              `yaml:"judge_model" jsonschema_description:"The one judge; for several, use judges."`
	Judges          []Judge             `yaml:"judges" jsonschema:"minItems=1" jsonschema_description:"A panel of judges, in place of judge_model."`
	Rubrics         map[string]Rubric   `yaml:"rubrics" jsonschema_description:"Named rubrics, for judges and datasets to refer to."`
	Judging         Judging             `yaml:"judging" jsonschema_description:"Which answers meet, and how."`
	Datasets        []Dataset           `yaml:"datasets" jsonschema:"required,minItems=1" jsonschema_description:"Where prompts come from."`
	Prompts         Prompts             `yaml:"prompts" jsonschema_description:"Which of the prompts are left out; left out: none but equal ones."`
	Rating          Rating              `yaml:"rating" jsonschema_description:"How battles become ratings."`
	Budget          Budget              `yaml:"budget" jsonschema_description:"What may be spent at most; left out: no limit."`
	Export          []Export            `yaml:"export" jsonschema_description:"The files that a run writes at its end; left out: ranked, jsonl, training_data.jsonl."`
	Store           Store               `yaml:"store" jsonschema_description:"Where the arena keeps its records."`
}

// Endpoint is a server that models are called on.
type Endpoint struct {
	At          tree.Mark       `yaml:"-"`
	URL         Text            `yaml:"url" jsonschema:"required" jsonschema_description:"The address; a path that is empty or ends in a version is completed as the kind has it, with /chat/completions for openai."`
	Kind        Text            `yaml:"kind" jsonschema:"default=openai,enum=openai,enum=ollama,enum=anthropic,enum=gemini,enum=azure" jsonschema_description:"The protocol; openai is any compatible server."`
	APIKey      Text            `yaml:"api_key" jsonschema_description:"The key, as ${NAME} of an environment variable."`
	Auth        Auth            `yaml:"auth" jsonschema_description:"How the key is sent: bearer, none, or {header: NAME}; left out: as the kind has it, bearer for openai."`
	Headers     map[string]Text `yaml:"headers" jsonschema_description:"Further headers of each call."`
	Concurrency AutoInt         `yaml:"concurrency" jsonschema_description:"Calls at once: a number, or auto."`
	RPM         Int             `yaml:"rpm" jsonschema:"minimum=1" jsonschema_description:"Requests a minute; left out: none stated."`
	TPM         Int             `yaml:"tpm" jsonschema:"minimum=1" jsonschema_description:"Tokens a minute; left out: none stated."`
	Timeout     Duration        `yaml:"timeout" jsonschema:"default=10m" jsonschema_description:"One whole call, such as 10m."`
	IdleTimeout Duration        `yaml:"idle_timeout" jsonschema:"default=2m" jsonschema_description:"Silence within the body of a reply, such as 2m."`
	Stream      Bool            `yaml:"stream" jsonschema:"default=false" jsonschema_description:"Replies come in pieces, so that no proxy takes a long thought for a dead connection."`
	Pull        Text            `yaml:"pull" jsonschema:"default=auto,enum=auto,enum=ask,enum=never" jsonschema_description:"Ollama: whether an absent model is pulled."`
	Labels      map[string]Text `yaml:"labels" jsonschema_description:"What a worker must be started with to call it, such as gpu: h100; left out: nothing."`
}

// Model is a contestant, or the model of a judge.
type Model struct {
	At        tree.Mark   `yaml:"-"`
	Name      Text        `yaml:"name" jsonschema_description:"Shown to people; left out: model_id."`
	ModelID   Text        `yaml:"model_id" jsonschema_description:"Sent to the endpoint."`
	Revision  Text        `yaml:"revision" jsonschema_description:"Free text that tells two deployments of one model_id apart."`
	Endpoint  EndpointRef `yaml:"endpoint" jsonschema_description:"The name of an endpoint, or one inline; left out: default_endpoint."`
	System    Text        `yaml:"system" jsonschema_description:"A system message; comes before that of a dataset."`
	Params    Params      `yaml:"params" jsonschema_description:"Passed through to the endpoint: temperature, max_tokens, seed …"`
	Samples   Int         `yaml:"samples" jsonschema:"default=1,minimum=1,maximum=1000" jsonschema_description:"Answers per prompt."`
	Price     *Price      `yaml:"price" jsonschema_description:"USD per million tokens; left out: unknown."`
	NumCtx    AutoInt     `yaml:"num_ctx" jsonschema_description:"Ollama: the size of the context, or auto."`
	KeepAlive Duration    `yaml:"keep_alive" jsonschema_description:"Ollama: how long the model stays loaded, such as 10m."`
	Answers   *Answers    `yaml:"answers" jsonschema_description:"Answers that exist already; no calls are made."`
}

// Price is in USD per million tokens.
type Price struct {
	At     tree.Mark `yaml:"-"`
	Input  Float     `yaml:"input" jsonschema:"required,minimum=0" jsonschema_description:"Tokens sent."`
	Cached Float     `yaml:"cached" jsonschema:"minimum=0" jsonschema_description:"Tokens sent that the server had cached; left out: as input."`
	Output Float     `yaml:"output" jsonschema:"required,minimum=0" jsonschema_description:"Tokens received."`
}

// Answers names files of answers.
type Answers struct {
	At          tree.Mark `yaml:"-"`
	Path        Text      `yaml:"path" jsonschema:"required" jsonschema_description:"Files, such as outputs/*.jsonl, relative to this file."`
	PromptField Text      `yaml:"prompt_field" jsonschema:"default=prompt" jsonschema_description:"The field that holds the prompt."`
	Field       Text      `yaml:"field" jsonschema:"default=answer" jsonschema_description:"The field that holds the answer."`
}

// Judge is a model and how it judges.
type Judge struct {
	Model
	Protocol       Text  `yaml:"protocol" jsonschema:"default=scores_verdict,enum=scores_verdict,enum=verdict5,enum=verdict3,enum=scores,enum=pointwise,enum=reference,enum=criteria,enum=logprob,enum=genrm" jsonschema_description:"What the judge is asked for."`
	Analysis       Text  `yaml:"analysis" jsonschema:"default=brief,enum=none,enum=brief,enum=full" jsonschema_description:"What it writes before its verdict."`
	Structured     Text  `yaml:"structured" jsonschema:"default=auto,enum=auto,enum=json_schema,enum=json_object,enum=text" jsonschema_description:"The form of its reply."`
	Rubric         Text  `yaml:"rubric" jsonschema_description:"The name of a rubric."`
	Template       Text  `yaml:"template" jsonschema_description:"A file with your own wording; replaces the protocol's."`
	Weight         Float `yaml:"weight" jsonschema:"default=1,exclusiveMinimum=0,maximum=100000" jsonschema_description:"Its weight in the panel."`
	Reask          Int   `yaml:"reask" jsonschema:"default=2,minimum=0,maximum=20" jsonschema_description:"Further calls, at most, for one unreadable verdict."`
	MaxInvalidRate Float `yaml:"max_invalid_rate" jsonschema:"default=0.2,minimum=0,maximum=1" jsonschema_description:"Share of unreadable verdicts, of the first 50, that stops the judge."`
}

// Rubric is what a judge weighs.
type Rubric struct {
	At       tree.Mark   `yaml:"-"`
	Criteria []Criterion `yaml:"criteria" jsonschema:"required,minItems=1" jsonschema_description:"The points of the rubric."`
	Ties     Text        `yaml:"ties" jsonschema:"default=allow,enum=allow,enum=discourage,enum=forbid" jsonschema_description:"Whether a judge may find two answers equal."`
}

// Criterion is one point of a rubric.
type Criterion struct {
	At     tree.Mark `yaml:"-"`
	Name   Text      `yaml:"name" jsonschema:"required" jsonschema_description:"What is weighed."`
	Weight Float     `yaml:"weight" jsonschema:"default=1,exclusiveMinimum=0,maximum=100000" jsonschema_description:"Its weight among the criteria."`
	Levels Levels    `yaml:"levels" jsonschema_description:"What scores mean, such as {10: flawless, 1: useless}."`
}

// Judging says which answers meet, and how.
type Judging struct {
	At           tree.Mark `yaml:"-"`
	Pairs        Pairs     `yaml:"pairs" jsonschema_description:"Who meets whom: all, circular, adaptive, {baseline: NAME} or {random: n}."`
	Stop         *Stop     `yaml:"stop" jsonschema_description:"When adaptive pairing ends."`
	Orders       Text      `yaml:"orders" jsonschema:"default=both,enum=both,enum=random,enum=fixed" jsonschema_description:"The order in which a judge sees two answers."`
	Panel        Panel     `yaml:"panel" jsonschema_description:"How the verdicts of several judges are joined."`
	SkipOwnModel Bool      `yaml:"skip_own_model" jsonschema:"default=true" jsonschema_description:"A judge skips its own model's battles where another judge remains."`
	Repeat       Float     `yaml:"repeat" jsonschema:"default=0,minimum=0,maximum=1" jsonschema_description:"Share of judgments asked twice, to measure self-consistency."`
}

// Stop ends adaptive pairing.
type Stop struct {
	At           tree.Mark `yaml:"-"`
	Goal         Goal      `yaml:"goal" jsonschema_description:"What must be certain: leader, {top: k} or ranking."`
	Confidence   Float     `yaml:"confidence" jsonschema:"default=0.95,exclusiveMinimum=0,exclusiveMaximum=1" jsonschema_description:"How certain."`
	Indifference Float     `yaml:"indifference" jsonschema:"default=60,minimum=0" jsonschema_description:"Points of rating that make no difference."`
}

// Panel joins the verdicts of several judges.
type Panel struct {
	At           tree.Mark `yaml:"-"`
	Mode         Text      `yaml:"mode" jsonschema:"default=mean,enum=mean,enum=majority,enum=cascade" jsonschema_description:"How verdicts are joined."`
	MinValid     Int       `yaml:"min_valid" jsonschema:"default=1,minimum=1" jsonschema_description:"Readable verdicts that a battle needs."`
	Replacements []Text    `yaml:"replacements" jsonschema_description:"Judges that stand in for one that fails."`
}

// Dataset is where prompts come from.
type Dataset struct {
	At             tree.Mark `yaml:"-"`
	Name           Text      `yaml:"name" jsonschema_description:"A dataset on the Hugging Face Hub; for local files, use path."`
	Path           Text      `yaml:"path" jsonschema_description:"Local files, such as prompts/*.jsonl, relative to this file: jsonl, json, csv, tsv, parquet, txt; also .gz and .zst."`
	Description    Text      `yaml:"description" jsonschema_description:"Shown to people."`
	Config         Text      `yaml:"config" jsonschema_description:"Hub: the configuration; left out: default."`
	Revision       Text      `yaml:"revision" jsonschema_description:"Hub: the revision; left out: main."`
	Split          Text      `yaml:"split" jsonschema_description:"Hub: the split; left out: train."`
	Field          Text      `yaml:"field" jsonschema_description:"The field that holds the prompt: text, or a list of chat messages; a path such as messages[0].content; left out: prompt."`
	Limit          Int       `yaml:"limit" jsonschema:"minimum=1" jsonschema_description:"Rows, after the offset; left out: all."`
	Offset         Int       `yaml:"offset" jsonschema:"default=0,minimum=0" jsonschema_description:"Rows that are passed over."`
	Sample         Int       `yaml:"sample" jsonschema:"default=0,minimum=0" jsonschema_description:"Above 0: this many rows at random, in place of limit."`
	Seed           Int       `yaml:"seed" jsonschema:"default=1" jsonschema_description:"Decides which rows sample takes."`
	SystemField    Text      `yaml:"system_field" jsonschema_description:"The field that holds a system message."`
	ReferenceField Text      `yaml:"reference_field" jsonschema_description:"The field that holds a reference answer, for judges that use one."`
	CategoryField  Text      `yaml:"category_field" jsonschema_description:"The field that holds a category, for ratings by category."`
	Template       Text      `yaml:"template" jsonschema_description:"Builds the prompt from fields, in place of field: \"Translate: {{.text}}\"."`
	Rubric         Text      `yaml:"rubric" jsonschema_description:"The name of a rubric."`
}

// Prompts says which prompts are left out.
type Prompts struct {
	At             tree.Mark `yaml:"-"`
	MinChars       Int       `yaml:"min_chars" jsonschema:"minimum=1" jsonschema_description:"Characters that the user's messages have at least."`
	MaxChars       Int       `yaml:"max_chars" jsonschema:"minimum=1" jsonschema_description:"Characters that the user's messages have at most."`
	NearDuplicates Float     `yaml:"near_duplicates" jsonschema:"minimum=0.5,maximum=1" jsonschema_description:"Of prompts that are this similar (Jaccard's index of their shingles), the first stays; left out: only equal ones are one."`
	Exclude        []Exclude `yaml:"exclude" jsonschema_description:"Files with texts that no prompt may hold, such as the test set of a benchmark."`
	Overlap        Int       `yaml:"overlap" jsonschema:"default=13,minimum=5,maximum=100" jsonschema_description:"Words in a row that a prompt may not share with an excluded text."`
}

// Rating says how battles become ratings.
type Rating struct {
	At        tree.Mark `yaml:"-"`
	Method    Text      `yaml:"method" jsonschema:"default=bradley-terry,enum=bradley-terry,enum=elo" jsonschema_description:"The mathematics."`
	Outcome   Text      `yaml:"outcome" jsonschema:"default=win,enum=win,enum=levels,enum=share" jsonschema_description:"What a battle counts: win (the sign of the mean margin), levels, or share (a/(a+b))."`
	Interval  Text      `yaml:"interval" jsonschema:"default=clustered,enum=clustered,enum=sandwich,enum=bootstrap" jsonschema_description:"How uncertainty is found."`
	Bootstrap Int       `yaml:"bootstrap" jsonschema:"default=1000,minimum=2,maximum=1000000" jsonschema_description:"Rounds of the bootstrap."`
	KFactor   Float     `yaml:"k_factor" jsonschema:"default=32,exclusiveMinimum=0" jsonschema_description:"Elo: points that one battle moves at most."`
	Initial   Float     `yaml:"initial" jsonschema:"default=1000" jsonschema_description:"The rating that everybody begins with."`
	Anchor    *Anchor   `yaml:"anchor" jsonschema_description:"A model whose rating is fixed."`
	Control   []Text    `yaml:"control" jsonschema:"enum=length,enum=style,enum=position" jsonschema_description:"What sways judges and is taken out of the ratings: the length of the answers, their style (headers, lists, bold), the position in which they are shown."`
}

// Anchor fixes one model's rating.
type Anchor struct {
	At     tree.Mark `yaml:"-"`
	Model  Text      `yaml:"model" jsonschema:"required" jsonschema_description:"The name of a model."`
	Rating Float     `yaml:"rating" jsonschema:"default=1000" jsonschema_description:"Its rating."`
}

// Budget limits what is spent.
type Budget struct {
	At        tree.Mark `yaml:"-"`
	MaxCost   Float     `yaml:"max_cost" jsonschema:"exclusiveMinimum=0" jsonschema_description:"USD."`
	MaxCalls  Int       `yaml:"max_calls" jsonschema:"minimum=1" jsonschema_description:"Calls."`
	MaxTokens Int       `yaml:"max_tokens" jsonschema:"minimum=1" jsonschema_description:"Tokens, sent and received."`
	MaxTime   Duration  `yaml:"max_time" jsonschema_description:"Time, such as 8h."`
}

// Export is a file that a run writes at its end.
type Export struct {
	At     tree.Mark `yaml:"-"`
	Type   Text      `yaml:"type" jsonschema:"default=ranked,enum=ranked,enum=preference,enum=reward,enum=kto,enum=sft,enum=battles,enum=ratings" jsonschema_description:"What a row holds."`
	For    Text      `yaml:"for" jsonschema:"enum=trl,enum=axolotl,enum=llama-factory,enum=openrlhf,enum=verl" jsonschema_description:"The trainer that loads the file; left out, where a type has any: trl."`
	Format Text      `yaml:"format" jsonschema:"enum=jsonl,enum=json,enum=csv,enum=parquet" jsonschema_description:"The form of the file; left out: jsonl, for verl parquet."`
	Path   Text      `yaml:"path" jsonschema:"required" jsonschema_description:"The file, relative to this one."`
	Upload Text      `yaml:"upload" jsonschema_description:"A dataset on the Hub, as org/name, that a run puts these rows into at its end; private where it has to be made."`

	License Text `yaml:"license" jsonschema_description:"With upload: the license that you state for the dataset, by its identifier on the Hub, such as cc-by-4.0."`
	Training
}

// Training is what an export of the types for trainers may say besides.
type Training struct {
	Mode           Text   `yaml:"mode" jsonschema:"enum=best_worst,enum=all_pairs,enum=best_vs_random,enum=top1,enum=all_answers,enum=target_lost,enum=policy,enum=policy_both" jsonschema_description:"Which pairs or answers of a prompt become rows; left out: best_worst, for sft top1, for kto all_answers."`
	Model          Text   `yaml:"model" jsonschema_description:"The model that target_lost, policy and policy_both are about."`
	Thinking       Text   `yaml:"thinking" jsonschema:"default=strip,enum=strip,enum=keep" jsonschema_description:"What becomes of the thoughts of models that reason."`
	WithMeta       Bool   `yaml:"with_meta" jsonschema:"default=false" jsonschema_description:"More columns: prompt_id, models, margin, scores, judges, agreement, consistent."`
	EvalSplit      Float  `yaml:"eval_split" jsonschema:"exclusiveMinimum=0,exclusiveMaximum=1" jsonschema_description:"Share of the prompts whose rows go into a second file, such as dpo.eval.jsonl beside dpo.jsonl."`
	Allow          []Text `yaml:"allow" jsonschema:"enum=invalid,enum=flagged,enum=inconsistent,enum=unfinished" jsonschema_description:"What is not to be left out."`
	Strict         Bool   `yaml:"strict" jsonschema:"default=false" jsonschema_description:"The filters below have their usual values where the file gives none."`
	MinMargin      Float  `yaml:"min_margin" jsonschema:"exclusiveMinimum=0,maximum=2" jsonschema_description:"Levels that the chosen answer must be ahead; with strict 0.5."`
	MinPoints      Float  `yaml:"min_points" jsonschema:"exclusiveMinimum=0,maximum=9" jsonschema_description:"The same in points of the judges' scores; 1 is usual."`
	MinAgreement   Float  `yaml:"min_agreement" jsonschema:"exclusiveMinimum=0,maximum=1" jsonschema_description:"Share of the judges that must prefer the chosen answer; with strict 2/3."`
	MaxLengthRatio Float  `yaml:"max_length_ratio" jsonschema:"minimum=1" jsonschema_description:"Most times that one answer may be as long as the other; with strict 2."`
	NoRefusals     Bool   `yaml:"no_refusals" jsonschema:"default=false" jsonschema_description:"Leaves out rows in which an answer declines; with strict, too."`
	NearDuplicates Float  `yaml:"near_duplicates" jsonschema:"minimum=0.5,maximum=1" jsonschema_description:"Leaves out prompts that are this similar to an earlier one; with strict 0.8."`
	MaxPairs       Int    `yaml:"max_pairs_per_prompt" jsonschema:"minimum=1" jsonschema_description:"Most rows of a prompt, those with the widest margins."`
	MinScore       Float  `yaml:"min_score" jsonschema:"minimum=1,maximum=10" jsonschema_description:"sft: the score that the answer must have."`
	TrueFrom       Float  `yaml:"true_from" jsonschema:"minimum=1,maximum=10" jsonschema_description:"kto: the score from which an answer is a good one; left out: 7."`
	FalseTo        Float  `yaml:"false_to" jsonschema:"minimum=1,maximum=10" jsonschema_description:"kto: the score up to which it is a bad one; left out: 4. Those between are left out."`
}

// Store says where the records are.
type Store struct {
	At   tree.Mark `yaml:"-"`
	Path Text      `yaml:"path" jsonschema_description:"The database, relative to this file; left out: this file's name with .db."`
	URL  Text      `yaml:"url" jsonschema_description:"A PostgreSQL server, in place of path: postgres://user@host/database?search_path=schema."`
}
