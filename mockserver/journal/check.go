package journal

// CheckRun records the start, progress or end of a run of checks.
type CheckRun struct {
	ID         string         `json:"id"`
	What       string         `json:"kind"` // receiver or provider
	Provider   string         `json:"provider"`
	URL        string         `json:"url"`
	State      string         `json:"state"` // running, ended, stopped or failed
	Seed       uint64         `json:"seed"`
	Total      int            `json:"total"`                // checks selected
	Done       int            `json:"done"`                 // checks with a verdict
	Counts     map[string]int `json:"counts,omitempty"`     // by verdict
	Code       *int           `json:"code,omitempty"`       // exit code, once ended: 0 passed, 1 failed, 2 could not be tested
	Headline   string         `json:"headline,omitempty"`   // the cause that explains most failures
	Conclusion string         `json:"conclusion,omitempty"` // summary, or the reason it failed
}

// Check records the verdict of one check in a run. Its exchanges are kept with the run.
type Check struct {
	CheckRun string `json:"check_run"` // ID of the run
	ID       string `json:"id"`        // group/name
	Level    string `json:"level"`     // MUST, SHOULD or INFO
	Verdict  string `json:"verdict"`
	Reason   string `json:"reason,omitempty"` // empty for a pass
	Done     int    `json:"done"`             // checks of the run with a verdict, including this one
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
