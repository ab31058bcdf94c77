package journal

// CheckRun says that a run of checks began, or how it ended.
type CheckRun struct {
	ID       string         `json:"id"`
	What     string         `json:"kind"` // what is judged: receiver or provider
	Provider string         `json:"provider"`
	URL      string         `json:"url"`
	State    string         `json:"state"` // running, ended, stopped or failed
	Seed     uint64         `json:"seed"`
	Total    int            `json:"total"`              // checks that were asked for
	Done     int            `json:"done"`               // of them, those with a verdict
	Counts   map[string]int `json:"counts,omitempty"`   // by verdict
	Code     *int           `json:"code,omitempty"`     // once it has ended: 0 right, 1 wrong, 2 it could not be told
	Headline string         `json:"headline,omitempty"` // what explains most of the failures
	Sentence string         `json:"sentence,omitempty"` // what it came to, or why it failed
}

// Check says what came of one check of a run. What was sent for it is kept with the run.
type Check struct {
	CheckRun string `json:"check_run"` // its ID
	ID       string `json:"id"`        // of the check: group/name
	Level    string `json:"level"`     // MUST, SHOULD or INFO
	Verdict  string `json:"verdict"`
	Reason   string `json:"reason,omitempty"` // of everything but pass
	Done     int    `json:"done"`             // checks of the run with a verdict, this one among them
	Total    int    `json:"total"`
}

var _ = []Data{CheckRun{}, Check{}}

// Kind is KindCheckRun.
func (CheckRun) Kind() string { return KindCheckRun }

// Append appends the JSON object to dst.
func (r CheckRun) Append(dst []byte) []byte { return appendRare(dst, r) }

// Kind is KindCheck.
func (Check) Kind() string { return KindCheck }

// Append appends the JSON object to dst.
func (c Check) Append(dst []byte) []byte { return appendRare(dst, c) }
