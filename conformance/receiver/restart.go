package receiver

import (
	"net/http"
	"time"
)

// reachPatience is how long an application that was restarted may take until it can be reached.
const reachPatience = 30 * time.Second

// restart restarts the application, and waits until it can be reached again.
func (p *play) restart() outcome {
	if !p.target.Restart.IsSet() {
		return outcome{missing: "nothing restarts the application: give --restart"}
	}
	if _, err := p.target.Restart.call(p.ctx, http.MethodPost, &subject{}); err != nil {
		return outcome{missing: "the application could not be restarted: " + err.Error()}
	}
	deadline := time.Now().Add(reachPatience)
	for {
		l, err := p.wire.dial(p.ctx, nil)
		if err == nil {
			l.Close()
			return fine
		}
		if time.Now().After(deadline) || p.ctx.Err() != nil {
			return wrong("the receiver to be reachable after a restart", "%v after %v", err, reachPatience)
		}
		pause(tick)
	}
}
